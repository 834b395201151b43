"""The life of alerts: what one check of a rule means for each of them, given what the checks before it said.

An alert becomes active, stays active, and recovers once. Delay and flapping may hold either back. `RuleState` is all
that is remembered between checks; it is plain data, so that it can be kept beside the queue of actions.
Source: Kibana docs, "Alerting concepts", "View alerts"; observed Kibana behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sandtable_connector.rules.alert import Alert, parse_alert
from sandtable_connector.rules.defaults import RECOVERED_GROUP
from sandtable_connector.rules.flapping import extended, holds_back, is_flapping
from sandtable_connector.rules.rule_file import MaintenanceWindow, Rule, Settings
from sandtable_connector.values.schedule import iso, moment


@dataclass(slots=True)
class AlertState:
    """What is remembered of one alert between checks. Times are ISO text.

    `uuid` is of its start, `told_uuid` of the last document, which may have begun anew while a recovery was held back.
    `active_count` counts the checks since it became active, `consecutive` those in a row: an absence ends the row, even
    one that is held back.
    """

    uuid: str
    group: str
    start: str
    document: dict[str, Any]
    position: int
    recovered: bool = False
    active_count: int = 0
    history: list[bool] = field(default_factory=list)
    flapping: bool = False
    pending_recovered: int = 0
    windows: list[str] = field(default_factory=list)
    last_group: str = ""
    last_sent: dict[str, str] = field(default_factory=dict)
    end: str = ""
    consecutive: int = 0
    told_uuid: str = ""


@dataclass(slots=True)
class RuleState:
    """What is remembered of one rule between checks."""

    alerts: dict[str, AlertState] = field(default_factory=dict)
    last_check: str = ""
    last_summary: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RuleState:
        """Return the state that `as_json` wrote."""
        return cls(
            {name: AlertState(**state) for name, state in data["alerts"].items()},
            data["last_check"],
            dict(data["last_summary"]),
        )


@dataclass(frozen=True, slots=True)
class Event:
    """What one check said about one alert: `new`, `ongoing` or `recovered`.

    `pending` marks an alert whose recovery is held back because it flaps: it is still active for those who ask, but
    only actions on a change of status may look at it.
    """

    alert: Alert
    kind: str
    group: str
    uuid: str
    start: datetime
    flapping: bool
    pending: bool
    consecutive: int
    windows: tuple[str, ...]
    group_changed: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a rule; `delayed`, `over_limit`, `held_back` count what was kept from the actions."""

    at: datetime
    position: int
    events: tuple[Event, ...]
    delayed: int = 0
    over_limit: int = 0
    held_back: int = 0


def active_windows(windows: Sequence[MaintenanceWindow], rule_id: str, at: datetime) -> list[str]:
    """Return the names of the maintenance windows that silence a rule at a moment."""
    return [window.id or window.title for window in windows if window.covers(rule_id, at)]


class Lifecycle:
    """Applies checks of one rule, in order, to its state."""

    def __init__(self, rule: Rule, state: RuleState, windows: Sequence[MaintenanceWindow], settings: Settings) -> None:
        self.rule = rule
        self.state = state
        self.windows = windows
        self.settings = settings

    def check(self, at: datetime, documents: Sequence[Alert], *, position: int) -> Check:
        """Return what a check at a moment, with these documents, says about each alert; changes the state."""
        windows = active_windows(self.windows, self.rule.id, at)
        events: list[Event] = []
        delayed = over_limit = held_back = 0
        said: dict[str, Alert] = {}
        active = sum(not state.recovered for state in self.state.alerts.values())
        for alert in documents:
            known = self.state.alerts.get(alert.alert_id)
            if alert.status == "active" and (known is None or known.recovered):
                if active >= self.settings.alerts_max:
                    over_limit += 1
                    continue
                active += 1
            said[alert.alert_id] = alert
        for alert in said.values():
            if alert.status == "untracked":
                self._untracked(alert, at)
            elif alert.status == "active":
                event = self._active(alert, windows)
                if event is None:
                    delayed += 1
                else:
                    events.append(event)
            else:
                event = self._recovered(alert, windows)
                if event is not None:
                    events.append(event)
                    held_back += event.pending
        for alert_id in [name for name in self.state.alerts if name not in said]:
            event = self._absent(alert_id, at, windows, whole=bool(documents) and not over_limit)
            if event is not None:
                events.append(event)
                held_back += event.pending
        self.state.last_check = iso(at)
        return Check(at, position, tuple(events), delayed, over_limit, held_back)

    def _active(self, alert: Alert, windows: list[str]) -> Event | None:
        known = self.state.alerts.get(alert.alert_id)
        if known is not None and not known.pending_recovered and (known.told_uuid or known.uuid) != alert.uuid:
            known.recovered = True  # its end was never told; the new uuid says that it started again
        group = alert.action_group or "default"
        fresh = known is None or known.recovered
        if known is None:
            known = AlertState(alert.uuid, group, iso(alert.start), {}, alert.position)
            self.state.alerts[alert.alert_id] = known
        if fresh:
            known.uuid, known.start, known.end = alert.uuid, iso(alert.start), ""
            known.recovered, known.active_count, known.consecutive = False, 0, 0
            known.last_group, known.last_sent, known.windows = "", {}, list(windows)
        self._remember(known, alert)
        known.group = group
        self._flap(known, changed=fresh or known.pending_recovered > 0, said=alert.flapping)
        known.pending_recovered = 0
        known.active_count += 1
        known.consecutive += 1
        self._let_windows_go(known, windows, alert)
        if known.active_count < self.rule.alert_delay.active:
            return None
        first = known.active_count == self.rule.alert_delay.active
        return self._event(alert, known, "new" if first else "ongoing", windows)

    def _recovered(self, alert: Alert, windows: list[str]) -> Event | None:
        known = self.state.alerts.get(alert.alert_id)
        if known is None:
            # The stream begins in the middle: the alert was active before it, so its recovery is told.
            known = AlertState(alert.uuid, "default", iso(alert.start), {}, alert.position, active_count=1)
            known.active_count = self.rule.alert_delay.active
            self.state.alerts[alert.alert_id] = known
        if known.recovered:
            self._flap(known, changed=False, said=alert.flapping)
            return None
        self._remember(known, alert)
        if alert.end is not None:
            known.end = iso(alert.end)
        return self._recover(alert, known, windows)

    def _untracked(self, alert: Alert, at: datetime) -> None:
        """Let go of an alert: whatever follows of it but a new start, its recovery above all, is not told."""
        known = self.state.alerts.setdefault(
            alert.alert_id, AlertState(alert.uuid, "default", iso(alert.start), {}, alert.position)
        )
        self._remember(known, alert)
        known.recovered, known.end, known.pending_recovered = True, iso(at), 0
        known.active_count = 0  # so that no summary counts it among the recovered
        self._flap(known, changed=False)

    def _absent(self, alert_id: str, at: datetime, windows: list[str], *, whole: bool) -> Event | None:
        known = self.state.alerts[alert_id]
        if known.recovered:
            self._flap(known, changed=False)
            if not any(known.history) and moment(known.end, "end") + self.rule.longest_summary() < at:
                del self.state.alerts[alert_id]
            return None
        if not known.pending_recovered and not (whole and self.settings.absent_alerts == "recovered"):
            return None
        return self._recover(self.last_seen(known), known, windows, at=at)

    def _recover(self, alert: Alert, known: AlertState, windows: list[str], at: datetime | None = None) -> Event | None:
        self._flap(known, changed=not known.pending_recovered, said=None if at else alert.flapping)
        known.pending_recovered += 1
        known.consecutive = 0
        # A document that says whether its alert flaps comes from after the holding back.
        detected_here = at is not None or alert.flapping is None or self.settings.flapping_from == "checks"
        if detected_here and holds_back(known.pending_recovered, self.rule.flapping, flapping=known.flapping):
            return self._event(alert, known, "ongoing", windows, pending=True)
        known.pending_recovered = 0
        known.recovered = True
        known.end = known.end or iso(at or alert.timestamp)
        self._let_windows_go(known, windows, alert)
        if known.active_count < self.rule.alert_delay.active:
            return None
        known.group = RECOVERED_GROUP
        return self._event(alert, known, "recovered", windows)

    def _flap(self, known: AlertState, *, changed: bool, said: bool | None = None) -> None:
        known.history = extended(known.history, changed, self.rule.flapping)
        if said is not None and self.settings.flapping_from == "documents":
            known.flapping = said
            return
        known.flapping = is_flapping(known.history, self.rule.flapping, already=known.flapping)

    def _remember(self, known: AlertState, alert: Alert) -> None:
        known.document = dict(alert.document)
        known.told_uuid = alert.uuid
        known.position = alert.position

    def _let_windows_go(self, known: AlertState, windows: list[str], alert: Alert) -> None:
        if known.recovered:
            return
        kept = set(known.windows)
        if self.settings.after_maintenance_window == "notify":
            kept &= set(windows)
        known.windows = sorted({*kept, *alert.maintenance_window_ids})

    def _event(self, alert: Alert, known: AlertState, kind: str, windows: list[str], *, pending: bool = False) -> Event:
        silenced = set(known.windows)
        if self.settings.maintenance_window_silences == "every_alert":
            silenced.update(windows)
        return Event(
            alert=alert,
            kind=kind,
            group=known.group,
            uuid=known.uuid,
            start=moment(known.start, "start"),
            flapping=known.flapping,
            pending=pending,
            consecutive=known.consecutive,
            windows=tuple(sorted(silenced)),
            group_changed=known.last_group != known.group,
        )

    @staticmethod
    def last_seen(known: AlertState) -> Alert:
        """Return the last document that told of an alert."""
        return parse_alert(known.document, position=known.position)
