"""The rows of the contract that are about rules; and the check that no row is left out anywhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sandtable_connector.rules import RuleRunner

FOLDER = Path(__file__).parent
# Rows that speak of rules, attempts or cases; the others are in the table of test_contract_rows.
ROWS = {16, 27, 29, 33, 36, 37, 38}


@pytest.mark.documented(
    "Kibana docs, summaries of alerts; observed Kibana behaviour: alert.id of a summary is the rule's id"
)
def test_row_16_a_summary_is_one_incident_for_many_alerts(given: Any, stage: Any) -> None:
    action = {**given.push(), "frequency": {"summary": True}}
    documents = [given.document(minute, f"web-{n}") for minute in range(2) for n in range(3)]
    calls = list(RuleRunner(given.rules(actions=[action])).calls(given.alerts(*documents)))
    assert [call.correlation_id for call in calls] == [f"{given.RULE}:{given.RULE}"] * 2
    played = stage.push(
        "documented", [stage.health(), stage.row(), stage.answer(stage.record())], dict(calls[0].incident)
    )
    assert played.script.body(1)["u_correlation_id"] == f"{given.RULE}:{given.RULE}"


@pytest.mark.documented("Kibana docs, View alerts: muting, disabling, flapping")
class TestRow38:
    def closes(self, given: Any, documents: list[dict[str, Any]], **rule: Any) -> list[int]:
        """Return the positions of the documents whose check closes an incident."""
        outcomes = given.played(given.rules(**rule), *documents)
        calls = [(outcome.position, call.sub_action) for outcome in outcomes for call in outcome.calls]
        return [position for position, sub_action in calls if sub_action == "closeIncident"]

    def test_row_38_a_recovery_while_muted_never_closes(self, given: Any) -> None:
        documents = [given.document(0), given.document(1, status="recovered"), given.document(2, status="recovered")]
        assert self.closes(given, documents) == [2]
        assert self.closes(given, documents, muted_alert_ids=["web-01"]) == []

    def test_row_38_a_disabled_rule_leaves_the_incident_open(self, given: Any) -> None:
        documents = [given.document(0), given.document(1, status="untracked"), given.document(2, status="recovered")]
        assert self.closes(given, documents) == []

    @pytest.mark.parametrize("threshold", [2, 3, 5])
    def test_row_38_while_flapping_the_close_waits_for_as_many_checks_as_the_threshold(
        self, given: Any, threshold: int
    ) -> None:
        flapping = {"look_back_window": 20, "status_change_threshold": threshold}
        coming_and_going = ["active", "recovered"] * threshold + ["active"]
        documents = [
            given.document(n, status=status, start=n - n % 2)
            for n, status in enumerate(coming_and_going + ["recovered"] * (threshold + 3))
        ]
        last_active = len(coming_and_going)
        assert self.closes(given, documents, flapping=flapping)[-1] == last_active + threshold
        assert last_active + 1 in self.closes(given, documents, flapping={"enabled": False})


@pytest.mark.ours("every row of the contract is played somewhere")
def test_the_rows_that_are_not_in_the_table_are_here() -> None:
    named = {
        int(number)
        for path in FOLDER.glob("test_*.py")
        for number in re.findall(r"def test_row_(\d+)_", path.read_text(encoding="utf-8"))
    }
    assert named == ROWS
    assert named >= {16, 29, 36, 37, 38}
