"""From alert documents to connector calls: each check of a rule, and what its actions then ask of which connector.

>>> from sandtable_connector.rules import RuleRunner, parse_rules, read_alerts
>>> runner = RuleRunner(parse_rules("rules: [{id: r1, name: Disk, connector_id: my-connector}]"))
>>> line = '{"@timestamp": "2026-03-01T10:00:00Z", "kibana.alert.status": "active", "kibana.alert.uuid": "u1",' \\
...        ' "kibana.alert.instance.id": "web-01", "kibana.alert.rule.uuid": "r1"}'
>>> [(call.sub_action, call.correlation_id) for call in runner.calls(read_alerts([line]))]
[('pushToService', 'r1:web-01')]

Source: Kibana docs, "Create and manage rules", "Rule action variables"; observed Kibana behaviour.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from .alert import Alert
from .defaults import ANY_ACTIVE_GROUP, RECOVERED_GROUP, complete_params
from .frequency import (
    Silence,
    remember_sent,
    silence_of_alert,
    silence_of_filter,
    silence_of_frequency,
    silence_of_rule,
    summary_due,
    throttle,
)
from .lifecycle import Check, Event, Lifecycle, RuleState
from .rule_file import Action, Rule, RuleFile
from .schedule import iso, moment
from .templates import render_params
from .variables import for_alert, for_summary

ITSM = ".servicenow"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCall:
    """One execution that a rule asks of a connector; `params` is what `Connector.execute` takes, rendered.

    `kind` is `new`, `ongoing`, `recovered` or `summary`; of a summary `alert_id` and `alert_uuid` are the rule's id.
    `position` is the line of the alert document, from 1. `key` names the call: the same stream gives the same keys.
    """

    key: str
    rule_id: str
    rule_name: str
    alert_id: str
    alert_uuid: str
    kind: str
    group: str
    action: str
    connector_id: str
    params: dict[str, Any]
    at: datetime
    position: int

    @property
    def sub_action(self) -> str:
        """Return `pushToService`, `closeIncident` or whatever else the action asks for."""
        return str(self.params.get("subAction", ""))

    @property
    def incident(self) -> Mapping[str, Any]:
        """Return the incident part of the parameters, empty when there is none."""
        inner = self.params.get("subActionParams")
        incident = inner.get("incident") if isinstance(inner, Mapping) else None
        return incident if isinstance(incident, Mapping) else {}

    @property
    def correlation_id(self) -> str | None:
        """Return the rendered correlation ID, None when the action sends none."""
        value = self.incident.get("correlation_id")
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """An alert, or a summary (`alert_id` is then the rule's id), for which an action did not run, and why."""

    rule_id: str
    alert_id: str
    kind: str
    action: str
    reason: Silence
    at: datetime
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """What came of one check of a rule; `alerts` is how many documents told of it.

    `key` names the check by rule, execution and the very content of its documents.
    """

    key: str
    rule_id: str
    at: datetime
    position: int
    alerts: int
    calls: tuple[ActionCall, ...] = ()
    silent: tuple[Silent, ...] = ()


class RuleRunner:
    """Plays a stream of alert documents through rules, check by check, and says what the connectors are to do.

    `connector_id` is for actions and rules that name none; `connector_types` maps a connector's id to its type, for
    ids whose type is not ServiceNow ITSM. `states` is what an earlier run remembered. Nothing is sent from here.
    """

    def __init__(
        self,
        rules: RuleFile,
        *,
        connector_id: str = "",
        connector_types: Mapping[str, str] | None = None,
        states: Mapping[str, RuleState] | None = None,
    ) -> None:
        self.rules = rules
        self._connector_id = connector_id
        self._types = dict(connector_types or {})
        self._by_id = {rule.id: rule for rule in rules.rules}
        self._states: dict[str, RuleState] = dict(states or {})

    def calls(self, alerts: Iterable[Alert]) -> Iterator[ActionCall]:
        """Yield the calls for a stream of alerts in order; the next check is only read once its turn comes."""
        for outcome in self.checks(alerts):
            yield from outcome.calls

    def checks(self, alerts: Iterable[Alert]) -> Iterator[CheckOutcome]:
        """Yield what came of each check of the stream; the documents of one check stand together in it."""
        for documents in by_check(alerts):
            yield self.check(documents)

    def state(self, rule_id: str) -> RuleState:
        """Return what is remembered of a rule."""
        return self._states.setdefault(rule_id, RuleState())

    def check(self, documents: Sequence[Alert]) -> CheckOutcome:
        """Return what comes of one check, given its documents (one at least, all of one rule); changes the state."""
        first = documents[0]
        rule = self._by_id.get(first.rule_id)
        if rule is None or not rule.enabled:
            reason: Silence = "unknown rule" if rule is None else "disabled rule"
            silent = tuple(_silent_document(alert, reason) for alert in documents)
            return _outcome(documents, (), silent)
        state = self.state(rule.id)
        at = max(alert.timestamp for alert in documents)
        check = Lifecycle(rule, state, self.rules.maintenance_windows, self.rules.settings).check(
            at, documents, position=first.position
        )
        turn = _Turn(self, rule, state, check, documents)
        turn.run()
        turn.account_for_the_rest()
        return _outcome(documents, tuple(turn.calls), tuple(turn.silent))

    def connector_of(self, rule: Rule, action: Action) -> tuple[str, str]:
        """Return the id and the type id of the connector that an action is for; an empty id when none is named."""
        connector_id = action.connector_id or rule.connector_id or self._connector_id
        return connector_id, action.connector_type_id or self._types.get(connector_id, ITSM)


def by_check(alerts: Iterable[Alert]) -> Iterator[list[Alert]]:
    """Yield the alerts of each check: neighbours of one rule with one execution id, or one timestamp without it."""
    for _, documents in groupby(alerts, key=lambda alert: (alert.rule_id, alert.run)):
        yield list(documents)


def check_key(documents: Sequence[Alert]) -> str:
    """Return the name of the check that some documents tell of."""
    digest = hashlib.sha256()
    for alert in documents:
        digest.update(json.dumps(alert.document, sort_keys=True, default=str).encode())
    return f"{documents[0].rule_id}/{documents[0].run}/{digest.hexdigest()[:16]}"


def _outcome(documents: Sequence[Alert], calls: tuple[ActionCall, ...], silent: tuple[Silent, ...]) -> CheckOutcome:
    first = documents[0]
    return CheckOutcome(
        key=check_key(documents),
        rule_id=first.rule_id,
        at=max(alert.timestamp for alert in documents),
        position=first.position,
        alerts=len(documents),
        calls=calls,
        silent=silent,
    )


def _silent_document(alert: Alert, reason: Silence) -> Silent:
    return Silent(
        rule_id=alert.rule_id,
        alert_id=alert.alert_id,
        kind=alert.status,
        action="",
        reason=reason,
        at=alert.timestamp,
        position=alert.position,
    )


class _Turn:
    """The actions of one check."""

    def __init__(
        self, runner: RuleRunner, rule: Rule, state: RuleState, check: Check, documents: Sequence[Alert]
    ) -> None:
        self.runner = runner
        self.rule = rule
        self.state = state
        self.check = check
        self.documents = documents
        self.sample = documents[0]
        self.check_key = check_key(documents)
        self.settings = runner.rules.settings
        self.calls: list[ActionCall] = []
        self.silent: list[Silent] = []

    def run(self) -> None:
        reason = silence_of_rule(self.rule, self.check.at)
        for event in self.check.events:
            silence = reason or silence_of_alert(self.rule, event)
            if silence is not None:
                self._say_nothing(event, "", silence)
            else:
                self._alert_actions(event)
        for number, action in enumerate(self.rule.actions):
            if action.frequency.summary:
                self._summary(number, action, reason)

    def account_for_the_rest(self) -> None:
        """Say of every document that led to no event why it did not: too many alerts, or not active long enough."""
        told = {event.alert.alert_id for event in self.check.events}
        for alert in self.documents:
            if alert.alert_id not in told and alert.status == "active":
                known = self.state.alerts.get(alert.alert_id)
                within = known is not None and not known.recovered
                self.silent.append(_silent_document(alert, "alert delay" if within else "alert limit"))

    def _alert_actions(self, event: Event) -> None:
        known = self.state.alerts[event.alert.alert_id]
        concerned = False
        for number, action in enumerate(self.rule.actions):
            if action.frequency.summary or not _is_for(action, event.group):
                continue
            concerned = True
            key = self.rule.action_key(number)
            silence = silence_of_filter(action, event, self.check.at) or silence_of_frequency(
                action, key, event, known, self.check.at
            )
            if silence is None:
                variables = for_alert(self.rule, event, at=self.check.at, base_url=self.settings.public_base_url)
                silence = self._call(
                    action,
                    key,
                    variables,
                    alert_id=event.alert.alert_id,
                    alert_uuid=event.uuid,
                    kind=event.kind,
                    group=event.group,
                    position=event.alert.position,
                )
            if silence is None:
                remember_sent(known, key, event, self.check.at)
            else:
                self._say_nothing(event, key, silence)
        if not concerned and not any(action.frequency.summary for action in self.rule.actions):
            self._say_nothing(event, "", "group")

    def _summary(self, number: int, action: Action, reason: Silence | None) -> None:
        key = self.rule.action_key(number)
        new, ongoing, recovered = self._summarised(action)
        if not (new or ongoing or recovered):
            return
        if reason is None and not summary_due(action, key, self.state, self.check.at):
            reason = "throttled"
        if reason is None:
            variables = for_summary(
                self.rule,
                self.sample,
                new=new,
                ongoing=ongoing,
                recovered=recovered,
                at=self.check.at,
                base_url=self.settings.public_base_url,
            )
            reason = self._call(
                action,
                key,
                variables,
                alert_id=self.rule.id,
                alert_uuid=self.rule.id,
                kind="summary",
                group="default",
                position=self.check.position,
            )
        if reason is None:
            self.state.last_summary[key] = iso(self.check.at)
            return
        self.silent.append(
            Silent(
                rule_id=self.rule.id,
                alert_id=self.rule.id,
                kind="summary",
                action=key,
                reason=reason,
                at=self.check.at,
                position=self.check.position,
            )
        )

    def _summarised(self, action: Action) -> tuple[list[Alert], list[Alert], list[Alert]]:
        """Return the new, ongoing and recovered alerts of a summary: of this check, or of its whole interval."""
        heard = [
            event
            for event in self.check.events
            if silence_of_alert(self.rule, event) is None and silence_of_filter(action, event, self.check.at) is None
        ]
        if action.frequency.notify_when != "onThrottleInterval":
            kinds = ("new", "ongoing", "recovered")
            new, ongoing, recovered = ([event.alert for event in heard if event.kind == kind] for kind in kinds)
            return new, ongoing, recovered
        return self._of_interval(action, {event.alert.alert_id for event in self.check.events} - _ids(heard))

    def _of_interval(self, action: Action, unheard: set[str]) -> tuple[list[Alert], list[Alert], list[Alert]]:
        since = self.check.at - throttle(action)
        new: list[Alert] = []
        ongoing: list[Alert] = []
        recovered: list[Alert] = []
        for alert_id, known in self.state.alerts.items():
            if alert_id in unheard or alert_id in self.rule.muted_alert_ids or known.windows:
                continue
            if known.active_count < self.rule.alert_delay.active:
                continue
            alert = Lifecycle.last_seen(known)
            if known.recovered:
                if moment(known.end, "end") >= since:
                    recovered.append(alert)
            else:
                (new if moment(known.start, "start") >= since else ongoing).append(alert)
        return new, ongoing, recovered

    def _call(
        self,
        action: Action,
        key: str,
        variables: Mapping[str, Any],
        *,
        alert_id: str,
        alert_uuid: str,
        kind: str,
        group: str,
        position: int,
    ) -> Silence | None:
        connector_id, type_id = self.runner.connector_of(self.rule, action)
        if not connector_id:
            return "no connector"
        if not action.params and action.group == RECOVERED_GROUP and type_id != ITSM:
            return "group"  # the defaults of a recovered alert close an incident, which only ITSM can
        if len(self.calls) >= self.settings.actions_max:
            return "action limit"
        params: Mapping[str, Any] = action.params
        if action.defaults:
            params = complete_params(params, group=action.group, connector_type_id=type_id)
        self.calls.append(
            ActionCall(
                key="/".join((self.check_key, key, alert_id)),
                rule_id=self.rule.id,
                rule_name=self.rule.name or self.sample.rule_name,
                alert_id=alert_id,
                alert_uuid=alert_uuid,
                kind=kind,
                group=group,
                action=key,
                connector_id=connector_id,
                params=render_params(params, variables),
                at=self.check.at,
                position=position,
            )
        )
        return None

    def _say_nothing(self, event: Event, action: str, reason: Silence) -> None:
        self.silent.append(
            Silent(
                rule_id=self.rule.id,
                alert_id=event.alert.alert_id,
                kind=event.kind,
                action=action,
                reason=reason,
                at=self.check.at,
                position=event.alert.position,
            )
        )


def _is_for(action: Action, group: str) -> bool:
    if action.group == ANY_ACTIVE_GROUP:
        return group != RECOVERED_GROUP
    return action.group == group


def _ids(events: Iterable[Event]) -> set[str]:
    return {event.alert.alert_id for event in events}
