"""A condition that no record can meet is answered as the product does, and explained to who asks."""

from __future__ import annotations

import pytest

from sandtable.core.platform.instance import Instance

pytestmark = pytest.mark.ours("a list that is empty for want of a value that the column could hold says so")


@pytest.mark.parametrize(
    "query, hint",
    [
        ("state=New", "state is of type integer, and 'New' is no value of it; the values of choices are compared"),
        ("stateIN1,New", "'New' is no value of it"),
        ("reassignment_count=>", "reassignment_count is of type integer, and '>' is no value of it"),
        ("opened_at>yesterday", "opened_at is of type glide_date_time, and 'yesterday' is no value of it"),
        (
            "assigned_to=Beth Anglin",
            "assigned_to holds a sys_id, and 'Beth Anglin' is none; what people see is assigned_to.name",
        ),
        ("caller_id.active=perhaps", "caller_id.active is of type boolean, and 'perhaps' is no value of it"),
    ],
)
def test_a_value_that_no_record_can_have_is_explained(instance: Instance, query: str, hint: str) -> None:
    session = instance.acting_as("admin")
    assert session.table("incident").query(query) == []
    assert any(hint in line for line in session.explanations), session.explanations


@pytest.mark.parametrize(
    "query",
    ["state=1", "stateIN1,2,3", "state=", "assigned_to=" + "a" * 32, "opened_at>javascript:gs.daysAgo(1)", "active=1"],
)
def test_an_ordinary_condition_is_not_talked_about(instance: Instance, query: str) -> None:
    session = instance.acting_as("admin")
    session.table("incident").query(query)
    assert list(session.explanations) == []


def test_a_query_of_many_odd_values_is_explained_in_few_lines(instance: Instance) -> None:
    session = instance.acting_as("admin")
    session.table("incident").query("stateIN" + ",".join(f"label {number}" for number in range(200)))
    assert 1 <= len(session.explanations) <= 5


def test_nobody_is_told_about_what_the_platform_asks_itself(instance: Instance) -> None:
    session = instance.system()
    session.table("incident").query("state=New")
    assert not any("'New'" in line for line in session.explanations)
