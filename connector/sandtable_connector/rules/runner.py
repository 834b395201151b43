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

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sandtable_connector.rules.alert import Alert
from sandtable_connector.rules.calls import ActionCall, CheckOutcome, by_check, outcome_of, silent_document
from sandtable_connector.rules.frequency import Silence
from sandtable_connector.rules.lifecycle import Lifecycle, RuleState
from sandtable_connector.rules.rule_file import Action, Rule, RuleFile
from sandtable_connector.rules.turn import ITSM, Turn
from sandtable_connector.templates import KIBANA, Dialect


class RuleRunner:
    """Plays a stream of alert documents through rules, check by check, and says what the connectors are to do.

    `connector_id` is for actions and rules that name none; `connector_types` maps a connector's id to its type, for
    ids whose type is not ServiceNow ITSM. `states` is what an earlier run remembered, `dialect` how templates are
    rendered. Nothing is sent from here.
    """

    def __init__(
        self,
        rules: RuleFile,
        *,
        connector_id: str = "",
        connector_types: Mapping[str, str] | None = None,
        states: Mapping[str, RuleState] | None = None,
        dialect: Dialect = KIBANA,
    ) -> None:
        self.rules = rules
        self._dialect = dialect
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
            silent = tuple(silent_document(alert, reason) for alert in documents)
            return outcome_of(documents, (), silent)
        state = self.state(rule.id)
        at = max(alert.timestamp for alert in documents)
        check = Lifecycle(rule, state, self.rules.maintenance_windows, self.rules.settings).check(
            at, documents, position=first.position
        )
        turn = Turn(self.rules, self.connector_of, rule, state, check, documents, dialect=self._dialect)
        turn.run()
        return outcome_of(documents, tuple(turn.calls), tuple(turn.silent))

    def connector_of(self, rule: Rule, action: Action) -> tuple[str, str]:
        """Return the id and the type id of the connector that an action is for; an empty id when none is named."""
        connector_id = action.connector_id or rule.connector_id or self._connector_id
        return connector_id, action.connector_type_id or self._types.get(connector_id, ITSM)
