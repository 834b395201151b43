"""The rule file: rules with their schedules, actions and silences, in the field names of Kibana's alerting API.

A rule pasted from `GET /api/alerting/rule/<id>` is a rule here. What Kibana only reports (created_by, last_run ...) is
read over; any other unknown field is refused by name. Source: Kibana docs, "Create rule API", "Maintenance windows".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sandtable_connector.rules.defaults import ANY_ACTIVE_GROUP, RECOVERED_GROUP, default_actions
from sandtable_connector.rules.windows import Window, parse_window, time_zone
from sandtable_connector.values.schedule import MINIMUM_INTERVAL, Schedule, seconds

NotifyWhen = Literal["onActiveAlert", "onActionGroupChange", "onThrottleInterval"]

#: Fields that Kibana reports about a rule and that say nothing about what it sends.
REPORTED = frozenset(
    {
        *("consumer", "created_at", "created_by", "updated_at", "updated_by", "revision", "artifacts"),
        *("api_key_owner", "api_key_created_by_user", "scheduled_task_id", "execution_status", "monitoring"),
        *("last_run", "next_run", "running", "mapped_params", "view_in_app_relative_url"),
        *("active_snoozes", "is_snoozed_until"),
    }
)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


def _interval(value: Any) -> Schedule:
    if isinstance(value, Mapping):
        if set(value) != {"interval"}:
            raise ValueError("a schedule has one field, interval, such as {interval: 1m}")
        value = value["interval"]
    seconds(value, "interval")
    return Schedule(value)


def _windows(value: Any) -> tuple[Window, ...]:
    if not isinstance(value, list):
        raise ValueError("a list of spans of time is needed")
    return tuple(parse_window(item, str(number)) for number, item in enumerate(value))


class Frequency(_Model):
    """When an action runs: for each alert or as a summary; each check, on a change of status, or at an interval."""

    summary: bool = False
    notify_when: NotifyWhen = "onActiveAlert"
    throttle: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Frequency:
        if self.notify_when == "onThrottleInterval":
            if self.throttle is None:
                raise ValueError("notify_when onThrottleInterval needs throttle, such as throttle: 1h")
            seconds(self.throttle, "throttle")
        elif self.throttle is not None:
            raise ValueError("throttle is only for notify_when onThrottleInterval")
        if self.summary and self.notify_when == "onActionGroupChange":
            raise ValueError("a summary runs onActiveAlert or onThrottleInterval, never onActionGroupChange")
        return self


class Hours(_Model):
    """A part of the day, `HH:MM` to `HH:MM`."""

    start: Annotated[str, Field(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]
    end: Annotated[str, Field(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]


class Timeframe(_Model):
    """The days (1 Monday to 7 Sunday) and hours in which an action may run."""

    days: list[Annotated[int, Field(ge=1, le=7)]]
    hours: Hours
    timezone: str = "UTC"

    @model_validator(mode="after")
    def _fits(self) -> Timeframe:
        time_zone(self.timezone, "timezone")
        return self

    def covers(self, at: datetime) -> bool:
        """Return whether the action may run at a moment."""
        local = at.astimezone(time_zone(self.timezone, "timezone"))
        clock = f"{local:%H:%M}"
        inside = (
            self.hours.start <= clock < self.hours.end
            if self.hours.start <= self.hours.end
            else clock >= self.hours.start or clock < self.hours.end
        )
        return local.isoweekday() in self.days and inside


class AlertsFilter(_Model):
    """Which alerts an action is for. `match` is ours: dotted field of the alert document to the value it must have."""

    timeframe: Timeframe | None = None
    match: dict[str, str | int | float | bool] = Field(default_factory=dict)


class Action(_Model):
    """One action of a rule: which connector, for which group of alerts, how often, with what parameters.

    `group` is `recovered`, the id of one group of active alerts, or `*` (default) for all of those. `defaults` fills in
    what Kibana's form would.
    """

    uuid: str = ""
    connector_id: str = ""
    connector_type_id: str = ""
    group: str = ANY_ACTIVE_GROUP
    frequency: Frequency = Frequency()
    alerts_filter: AlertsFilter | None = None
    params: dict[str, Any]
    defaults: bool = True
    use_alert_data_for_template: bool = True

    @model_validator(mode="before")
    @classmethod
    def _kibana_names(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "id" in given:
            if "connector_id" in given:
                raise ValueError("id and connector_id are two names for the connector; give one")
            given = {("connector_id" if key == "id" else key): value for key, value in given.items()}
        if isinstance(given, Mapping) and given.get("frequency", ...) is None:
            given = {key: value for key, value in given.items() if key != "frequency"}
        return given

    @model_validator(mode="after")
    def _fits(self) -> Action:
        if self.frequency.summary and self.group == RECOVERED_GROUP:
            raise ValueError("a summary covers every group of alerts; leave group out")
        return self


class AlertDelay(_Model):
    """How many checks in a row an alert must be active before anything is done about it."""

    active: Annotated[int, Field(ge=1)] = 1


class Flapping(_Model):
    """When an alert that comes and goes counts as flapping."""

    enabled: bool = True
    look_back_window: Annotated[int, Field(ge=2, le=20)] = 20
    status_change_threshold: Annotated[int, Field(ge=2, le=20)] = 4

    @model_validator(mode="after")
    def _fits(self) -> Flapping:
        if self.status_change_threshold > self.look_back_window:
            raise ValueError("status_change_threshold cannot be larger than look_back_window")
        return self


class MaintenanceWindow(_Model):
    """A span in which rules keep silent; `rules` limits it to some rule ids."""

    title: str
    span: Annotated[tuple[Window, ...], BeforeValidator(_windows)]
    rules: list[str] = Field(default_factory=list)
    enabled: bool = True
    id: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_span(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        own = {key: value for key, value in given.items() if key in ("title", "rules", "enabled", "id")}
        return {**own, "span": [{key: value for key, value in given.items() if key not in own}]}

    def covers(self, rule_id: str, at: datetime) -> bool:
        """Return whether the window silences a rule at a moment."""
        return self.enabled and (not self.rules or rule_id in self.rules) and self.span[0].covers(at)


class Settings(_Model):
    """How the rules are read where Kibana's releases differ, and limits of one check.

    - `maintenance_window_silences`: `new_alerts` (default; an alert that was active before the window goes on being
      told, its recovery too) or `every_alert`. Source: kibana pull request 156427.
    - `after_maintenance_window`: `notify` (default, since 9.1: an alert from inside the window that is still active is
      told once the window is over) or `stay_silent` (before). Source: kibana pull request 219797.
    - `absent_alerts`: `unchanged` (default: only a document recovers an alert) or `recovered` (an active alert that a
      check of its rule does not mention has recovered).
    - `flapping_from`: `documents` (default: an alert document that carries `kibana.alert.flapping` has been through
      Kibana's own flapping detection, so its recovery is a recovery) or `checks` (always detected here).
    """

    maintenance_window_silences: Literal["new_alerts", "every_alert"] = "new_alerts"
    after_maintenance_window: Literal["notify", "stay_silent"] = "notify"
    absent_alerts: Literal["unchanged", "recovered"] = "unchanged"
    flapping_from: Literal["documents", "checks"] = "documents"
    alerts_max: Annotated[int, Field(ge=1)] = 1000
    actions_max: Annotated[int, Field(ge=1)] = 100_000
    public_base_url: str = ""


class Rule(_Model):
    """One rule. With `connector_id` and no `actions` it pushes its active alerts and closes its recovered ones."""

    id: Annotated[str, Field(min_length=1)]
    name: str = ""
    rule_type_id: str = ""
    tags: list[str] = Field(default_factory=list)
    params: dict[str, Any] = Field(default_factory=dict)
    schedule: Annotated[Schedule, BeforeValidator(_interval)] = Schedule()
    enabled: bool = True
    mute_all: bool = False
    muted_alert_ids: list[str] = Field(default_factory=list)
    snooze_schedule: Annotated[tuple[Window, ...], BeforeValidator(_windows)] = ()
    alert_delay: AlertDelay = AlertDelay()
    flapping: Flapping = Flapping()
    connector_id: str = ""
    actions: list[Action]

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        rule = {key: value for key, value in given.items() if key not in REPORTED}
        for name in ("alert_delay", "flapping", "notify_when", "throttle"):
            if rule.get(name, ...) is None:
                del rule[name]
        legacy = {key: rule.pop(key) for key in ("notify_when", "throttle") if key in rule}
        actions = rule.get("actions", default_actions())
        if legacy and isinstance(actions, list):
            actions = [
                {**action, "frequency": legacy} if isinstance(action, Mapping) and "frequency" not in action else action
                for action in actions
            ]
        rule["actions"] = actions
        return rule

    @model_validator(mode="after")
    def _fits(self) -> Rule:
        every = self.schedule.every.total_seconds()
        for number, action in enumerate(self.actions):
            throttle = action.frequency.throttle
            if throttle is not None and seconds(throttle, "throttle") < every:
                raise ValueError(
                    f"actions[{number}].frequency.throttle {throttle} is shorter than the check interval "
                    f"{self.schedule.interval}"
                )
        return self

    def snoozed(self, at: datetime) -> bool:
        """Return whether the rule is snoozed at a moment."""
        return any(window.covers(at) for window in self.snooze_schedule)

    def longest_summary(self) -> timedelta:
        """Return the longest span that a summary of this rule looks back over; zero when each check has its own."""
        spans = [
            seconds(action.frequency.throttle, "throttle")
            for action in self.actions
            if action.frequency.summary and action.frequency.throttle is not None
        ]
        return timedelta(seconds=max(spans, default=0))

    def action_key(self, number: int) -> str:
        """Return a name for an action that stays the same between runs: its uuid, or its place in the rule."""
        return self.actions[number].uuid or f"action-{number}"


class RuleFile(_Model):
    """All rules, the maintenance windows over them, and the settings."""

    rules: list[Rule]
    maintenance_windows: list[MaintenanceWindow] = Field(default_factory=list)
    settings: Settings = Settings()

    @model_validator(mode="after")
    def _fits(self) -> RuleFile:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"two rules have the id {rule.id!r}")
            seen.add(rule.id)
        for window in self.maintenance_windows:
            for rule_id in window.rules:
                if rule_id not in seen:
                    raise ValueError(f"maintenance window {window.title!r} names a rule {rule_id!r} that is not here")
        return self

    def warnings(self) -> Iterator[str]:
        """Yield what works but is probably not meant."""
        for rule in self.rules:
            if rule.schedule.every.total_seconds() < MINIMUM_INTERVAL:
                yield f"rule {rule.id}: checks every {rule.schedule.interval}, more often than the minimum of 1m"
            if not rule.actions:
                yield f"rule {rule.id}: has no actions, so its alerts are never told to anybody"
