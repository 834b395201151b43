"""The actions of one check of a rule: which run, with what parameters, and why the others do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sandtable_connector.rules.alert import Alert
from sandtable_connector.rules.calls import ActionCall, Silent, check_key, silent_document
from sandtable_connector.rules.defaults import ANY_ACTIVE_GROUP, RECOVERED_GROUP, complete_params
from sandtable_connector.rules.frequency import (
    Silence,
    remember_sent,
    silence_of_alert,
    silence_of_filter,
    silence_of_frequency,
    silence_of_rule,
    summary_due,
    throttle,
)
from sandtable_connector.rules.lifecycle import Check, Event, Lifecycle, RuleState
from sandtable_connector.rules.rule_file import Action, Rule, RuleFile
from sandtable_connector.rules.variables import for_alert, for_summary
from sandtable_connector.templates import Dialect, render_params
from sandtable_connector.values.schedule import iso, moment

ITSM = ".servicenow"


class Turn:
    """The actions of one check; `run` fills `calls` and `silent`."""

    def __init__(
        self,
        rules: RuleFile,
        connector_of: Callable[[Rule, Action], tuple[str, str]],
        rule: Rule,
        state: RuleState,
        check: Check,
        documents: Sequence[Alert],
        *,
        dialect: Dialect,
    ) -> None:
        self._connector_of = connector_of
        self._dialect = dialect
        self.rule = rule
        self.state = state
        self.check = check
        self.documents = documents
        self.sample = documents[0]
        self.check_key = check_key(documents)
        self.settings = rules.settings
        self.calls: list[ActionCall] = []
        self.silent: list[Silent] = []

    def run(self) -> None:
        """Run every action for every event, then account for the documents that led to none."""
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
        self._account_for_the_rest()

    def _account_for_the_rest(self) -> None:
        """Say of every document that led to no event why it did not: too many alerts, or not active long enough."""
        told = {event.alert.alert_id for event in self.check.events}
        for alert in self.documents:
            if alert.alert_id not in told and alert.status == "active":
                known = self.state.alerts.get(alert.alert_id)
                within = known is not None and not known.recovered
                self.silent.append(silent_document(alert, "alert delay" if within else "alert limit"))

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
        connector_id, type_id = self._connector_of(self.rule, action)
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
                params=render_params(params, variables, dialect=self._dialect),
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
