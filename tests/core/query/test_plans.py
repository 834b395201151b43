"""The queries that clients send most are served by an index, and the language keeps the database's own limits."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.ours("what clients look up by is looked up, not searched for")


@pytest.mark.parametrize(
    "query, index",
    [
        ("sys_id=" + "ab" * 16, "SEARCH t USING INDEX u_task (sys_id=?)"),
        ("sys_idINa,b", "SEARCH t USING INDEX u_task (sys_id=?)"),
        ("assigned_to=abel", "SEARCH t USING INDEX i_task_assigned_to (assigned_to=?)"),
        ("number=INC0001", "SEARCH t USING INDEX i_task_number (number=?)"),
        ("numberINa,b", "SEARCH t USING INDEX i_task_number (number=?)"),
        ("numberIN" + ",".join(f"X{n}" for n in range(500)), "SEARCH t USING INDEX i_task_number (number=?)"),
        ("number=a^ORnumber=b^ORnumber=c", "SEARCH t USING INDEX i_task_number (number=?)"),
        ("number=ab-ä", "SEARCH t USING INDEX i_task_number (number>? AND number<?)"),
        ("numberSTARTSWITHINC", "SEARCH t USING INDEX i_task_number (number>? AND number<?)"),
        ("numberSTARTSWITHINC-Ä", "SEARCH t USING INDEX i_task_number (number>? AND number<?)"),
        ("state=1", "SEARCH t USING INDEX i_task_state (state=?)"),
        ("assigned_to.name=x", "SEARCH j1 USING INDEX u_user (sys_id=?)"),
        ("ORDERBYDESCsys_created_on", "SCAN t USING INDEX i_task_sys_created_on"),
        ("ORDERBYsys_created_on", "SCAN t USING INDEX i_task_sys_created_on"),
        ("ORDERBYsys_id", "SCAN t USING INDEX u_task"),
        ("commentsLIKEx", "USING INDEX i_sys_journal_field_element_id (element_id=?)"),
    ],
)
def test_an_index_serves(busy: Any, query: str, index: str) -> None:
    plan = busy.plan(query)
    assert index in plan
    if query.startswith("ORDERBY"):
        assert "TEMP B-TREE" not in plan


def test_newest_first_on_a_child_table_needs_no_sort(busy: Any) -> None:
    assert "TEMP B-TREE" not in busy.plan("ORDERBYDESCsys_created_on", "incident")


@pytest.mark.parametrize(
    "query", ["caller_id=bow", "caller_idINbow,abel", "caller_id=bow^ORcaller_id=abel", "severity=1^caller_id=bow"]
)
def test_an_index_serves_a_column_that_only_one_class_has(busy: Any, query: str) -> None:
    assert "USING INDEX i_task_caller_id (caller_id=?)" in busy.plan(query, "incident")


def test_related_records_are_looked_up(busy: Any) -> None:
    assert "USING INDEX i_role_grant_user (user=?)" in busy.plan("RLQUERYrole_grant.user,>=1^role=x^ENDRLQUERY", "user")
