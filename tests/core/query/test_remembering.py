"""Conditions that are asked of one record after another are settled once, and never beyond what they depend on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandtable.core.query import evaluate, parse
from sandtable.core.query.meaning.remembering import depends_on, resolve_remembered
from sandtable.core.schema.columns import Column, Table

pytestmark = pytest.mark.ours("what is remembered of a condition never changes what it means")


@pytest.mark.parametrize(
    "query, expected",
    [
        ("", "nothing"),
        ("state=1^ORstate=2^NQshort_descriptionLIKEx^dueISEMPTY", "nothing"),
        ("opened_at>2024-01-01", "nothing"),
        ("opened_by=javascript:gs.getUserID()", "user"),
        ("state=1^opened_byINjavascript:gs.user_name();", "user"),
        ("opened_byINabel,javascript:gs.getUserID()", "more"),
        ("opened_at>javascript:gs.daysAgo(1)", "more"),
        ("opened_by=javascript:gs.getUserID()^opened_at<javascript:gs.now()", "more"),
        ("opened_byINjavascript:getMyGroups()", "more"),
        ("opened_byDYNAMICdyn-me", "more"),
        ("opened_byIN_HIERARCHYabel", "more"),
        ("opened_atRELATIVEGE@hour@ago@1", "more"),
        ("opened_atON2024-05-15", "more"),
        ("opened_atSAMEASdue@day", "more"),
        ("123TEXTQUERY321=x", "more"),
        ("RLQUERYtask.parent,>0^ENDRLQUERY", "more"),
        ("state=1^ORDERBYnumber", "more"),
        ("rubbish", "more"),
    ],
)
def test_what_a_query_depends_on(query: str, expected: str) -> None:
    assert depends_on(parse(query)) == expected


def asked(world: Any, query: str, sys_id: str = "i1") -> bool:
    return evaluate(parse(query), world.lookup("task", sys_id), "task", world.context())


def test_a_steady_condition_is_resolved_once(busy: Any) -> None:
    for query in ("state=1", "opened_by=javascript:gs.getUserID()"):
        first = resolve_remembered(parse(query), "task", busy.context())
        assert resolve_remembered(parse(query), "task", busy.context()) is first
        assert resolve_remembered(parse(query), "incident", busy.context()) is not first


def test_the_clock_goes_on(busy: Any) -> None:
    query = "opened_at>javascript:gs.hoursAgo(6)"
    assert asked(busy, query)
    busy.clock.advance(3600)
    assert not asked(busy, query)


def test_each_property_counts_at_once(busy: Any) -> None:
    for name, query in (
        ("not_equal", "state!=1"),
        ("not_in", "stateNOT IN1"),
        ("not_like", "short_descriptionNOT LIKEx"),
    ):
        for value in ("true", "false", "true"):
            busy.properties[f"sandtable.query.{name}_matches_empty"] = value
            assert asked(busy, query, "t1") == (value == "true"), (name, value)


def test_each_user_is_asked_about_themselves(busy: Any) -> None:
    from dataclasses import replace

    query = parse("opened_by=javascript:gs.getUserID()")
    record, context = busy.lookup("task", "i1"), busy.context()
    for user, expected in (("abel", True), (context.user_sys_id, False), ("abel", True)):
        assert evaluate(query, record, "task", replace(context, user_sys_id=user)) == expected


def test_the_dictionary_is_followed(busy: Any) -> None:
    query = "u_new=1^state=1"
    assert asked(busy, query)
    task = busy.dictionary.table("task")
    busy.dictionary.put_table(
        Table("task", display=task.display, columns={**task.columns, "u_new": Column("u_new", "integer")})
    )
    assert not asked(busy, query)


def test_what_is_dropped_is_noted_each_time(busy: Any) -> None:
    for times in (1, 2, 3):
        assert asked(busy, "nosuch=1")
        assert len(busy.notes) == times
    busy.properties["glide.invalid_query.returns_no_rows"] = "true"
    assert not asked(busy, "nosuch=1")


@pytest.mark.parametrize("query", ["state=1", "opened_by=javascript:gs.getUserID()", "nosuch=1^state=2"])
def test_asked_again_it_means_the_same(make_world: Callable[[], Any], busy: Any, query: str) -> None:
    first = busy.evaluated(query)
    assert [busy.evaluated(query) for _ in range(2)] == [first] * 2
    assert busy.select(query) == first
