"""Conditions about time: scripts, days and weeks of the asking user, parts of dates, distances from now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from sandtable.core.query import condition
from sandtable.core.query.language.moments import shifted

pytestmark = [
    pytest.mark.documented("ServiceNow documentation, filters on dates and GlideSystem date functions"),
    pytest.mark.reads_clock,
]

ME = "90" * 16


def assumed(why: str, *rows: tuple[Any, ...]) -> list[Any]:
    """Return rows of a table that are our reading, in the middle of those that are documented."""
    return [pytest.param(*row, marks=pytest.mark.assumed(why)) for row in rows]


def matches(world: Any, query: str, *moments: str) -> list[str]:
    """Return those of the moments that a query on opened_at matches, asked in both ways."""
    for moment in moments:
        if world.lookup("task", moment) is None:
            world.add("task", moment, opened_at=moment, due=moment[:10])
    found = world.select(query)
    assert found == world.evaluated(query)
    return [each for each in found if each in moments]


def bounds(world: Any, script: str) -> str:
    """Return the moment that a script gives, found by asking for equality with it."""
    from sandtable.core.query.language.scripts import Moment, evaluate_script

    value = evaluate_script(script, world.context())
    assert isinstance(value, Moment), value
    return value.stored


# Now is Wednesday 2024-05-15 13:45:30 UTC, 15:45:30 in Berlin, 06:45:30 in Los Angeles.
@pytest.mark.parametrize(
    "script, utc, berlin, los_angeles",
    [
        ("gs.nowDateTime()", "2024-05-15 13:45:30", "2024-05-15 13:45:30", "2024-05-15 13:45:30"),
        ("gs.now()", "2024-05-15 00:00:00", "2024-05-14 22:00:00", "2024-05-15 07:00:00"),
        ("gs.daysAgoStart(0)", "2024-05-15 00:00:00", "2024-05-14 22:00:00", "2024-05-15 07:00:00"),
        ("gs.daysAgoEnd(0)", "2024-05-15 23:59:59", "2024-05-15 21:59:59", "2024-05-16 06:59:59"),
        ("gs.daysAgoStart(60)", "2024-03-16 00:00:00", "2024-03-15 23:00:00", "2024-03-16 07:00:00"),
        ("gs.hoursAgo(2)", "2024-05-15 11:45:30", "2024-05-15 11:45:30", "2024-05-15 11:45:30"),
        ("gs.hoursAgoStart(1)", "2024-05-15 12:00:00", "2024-05-15 12:00:00", "2024-05-15 12:00:00"),
        ("gs.hoursAgoEnd(1)", "2024-05-15 12:59:59", "2024-05-15 12:59:59", "2024-05-15 12:59:59"),
        ("gs.minutesAgo(46)", "2024-05-15 12:59:30", "2024-05-15 12:59:30", "2024-05-15 12:59:30"),
        ("gs.minutesAgoStart(0)", "2024-05-15 13:45:00", "2024-05-15 13:45:00", "2024-05-15 13:45:00"),
        ("gs.minutesAgoEnd(0)", "2024-05-15 13:45:59", "2024-05-15 13:45:59", "2024-05-15 13:45:59"),
        ("gs.beginningOfToday()", "2024-05-15 00:00:00", "2024-05-14 22:00:00", "2024-05-15 07:00:00"),
        ("gs.endOfYesterday()", "2024-05-14 23:59:59", "2024-05-14 21:59:59", "2024-05-15 06:59:59"),
        ("gs.beginningOfTomorrow()", "2024-05-16 00:00:00", "2024-05-15 22:00:00", "2024-05-16 07:00:00"),
        ("gs.endOfNextMonth()", "2024-06-30 23:59:59", "2024-06-30 21:59:59", "2024-07-01 06:59:59"),
        ("gs.beginningOfThisQuarter()", "2024-04-01 00:00:00", "2024-03-31 22:00:00", "2024-04-01 07:00:00"),
        ("gs.endOfThisQuarter()", "2024-06-30 23:59:59", "2024-06-30 21:59:59", "2024-07-01 06:59:59"),
        ("gs.beginningOfThisYear()", "2024-01-01 00:00:00", "2023-12-31 23:00:00", "2024-01-01 08:00:00"),
        ("gs.endOfLastYear()", "2023-12-31 23:59:59", "2023-12-31 22:59:59", "2024-01-01 07:59:59"),
        (
            "gs.dateGenerate('2024-01-01','00:00:00')",
            "2024-01-01 00:00:00",
            "2023-12-31 23:00:00",
            "2024-01-01 08:00:00",
        ),
        ('gs.dateGenerate("2024-01-01", "end");', "2024-01-01 23:59:59", "2024-01-01 22:59:59", "2024-01-02 07:59:59"),
        *assumed(
            "days ago keep the time of day",
            ("gs.daysAgo(1)", "2024-05-14 13:45:30", "2024-05-14 13:45:30", "2024-05-14 13:45:30"),
            ("gs.daysAgo(-1)", "2024-05-16 13:45:30", "2024-05-16 13:45:30", "2024-05-16 13:45:30"),
        ),
        *assumed(
            "months, quarters and years are those of the calendar",
            ("gs.monthsAgo(3)", "2024-02-15 13:45:30", "2024-02-15 14:45:30", "2024-02-15 14:45:30"),
            ("gs.monthsAgoStart(1)", "2024-04-01 00:00:00", "2024-03-31 22:00:00", "2024-04-01 07:00:00"),
            ("gs.monthsAgoEnd(3)", "2024-02-29 23:59:59", "2024-02-29 22:59:59", "2024-03-01 07:59:59"),
            ("gs.quartersAgoStart(1)", "2024-01-01 00:00:00", "2023-12-31 23:00:00", "2024-01-01 08:00:00"),
            ("gs.yearsAgo(1)", "2023-05-15 13:45:30", "2023-05-15 13:45:30", "2023-05-15 13:45:30"),
        ),
        *assumed(
            "the week begins on Monday",
            ("gs.beginningOfThisWeek()", "2024-05-13 00:00:00", "2024-05-12 22:00:00", "2024-05-13 07:00:00"),
            ("gs.endOfLastWeek()", "2024-05-12 23:59:59", "2024-05-12 21:59:59", "2024-05-13 06:59:59"),
        ),
    ],
)
def test_scripts_give_moments_of_the_users_calendar(
    world: Any, script: str, utc: str, berlin: str, los_angeles: str
) -> None:
    for zone, expected in (("UTC", utc), ("Europe/Berlin", berlin), ("US/Pacific", los_angeles)):
        world.time_zone = zone
        assert bounds(world, script) == expected
        assert matches(world, f"opened_at=javascript:{script}", expected) == [expected]


@pytest.mark.parametrize(
    "query, expected",
    [
        ("opened_by=javascript:gs.getUserID()", "p1"),
        ("opened_by=javascript:gs.getUser().getID()", "p1"),
        ("opened_byINabel,javascript:gs.getUserID()", "i1 i2 p1"),
        ("number=javascript:'INC0001'", "i1"),
        ("state=javascript:1", "i1"),
        ("due<javascript:gs.beginningOfToday()", "i2"),
        ("due=javascript:gs.now()", "i1"),
    ],
)
def test_scripts_stand_for_values(busy: Any, query: str, expected: str) -> None:
    assert busy.select(query) == busy.evaluated(query) == expected.split()


def test_my_groups_are_those_of_the_user(busy: Any) -> None:
    busy.add("sys_user_grmember", "m1", user=ME, group="g1")
    busy.add("sys_user_grmember", "m2", user=ME, group="abel")
    busy.add("sys_user_grmember", "m3", user="abel", group="bow")
    assert busy.select("assigned_toINjavascript:getMyGroups()") == ["i1"]
    assert busy.evaluated("assigned_toINjavascript:gs.getUser().getMyGroups()") == ["i1"]


@pytest.mark.assumed("a script that gives nothing counts as empty")
@pytest.mark.parametrize(
    "script",
    [
        "nothing",
        "gs.nothing()",
        "gs.daysAgo()",
        "gs.daysAgo('x')",
        "gs.daysAgo(999999999)",
        "gs.getUserID(",
        "__import__('os').system('x')",
        "gs.dateGenerate('x','y')",
        "gs.dateGenerate('2024-01-01')",
        "gs.now();gs.now()",
        "current.update()",
        "",
    ],
)
def test_an_unknown_script_is_an_empty_value_and_noted(busy: Any, script: str) -> None:
    assert busy.select(f"state=javascript:{script}") == ["t1"]
    assert ("script", script, "task.state") in busy.notes
    assert busy.evaluated(f"state>javascript:{script}") == []


@pytest.mark.parametrize(
    "zone, inside, outside",
    [
        ("UTC", ("2024-05-15 00:00:00", "2024-05-15 23:59:59"), ("2024-05-14 23:59:59", "2024-05-16 00:00:00")),
        ("US/Pacific", ("2024-05-15 07:00:00", "2024-05-16 06:59:59"), ("2024-05-15 06:59:59", "2024-05-16 07:00:00")),
        ("GMT+2", ("2024-05-14 22:00:00", "2024-05-15 21:59:59"), ("2024-05-14 21:59:59", "2024-05-15 22:00:00")),
    ],
)
@pytest.mark.parametrize(
    "value",
    [
        "Today@javascript:gs.daysAgoStart(0)@javascript:gs.daysAgoEnd(0)",
        "Today@javascript:gs.beginningOfToday()@javascript:gs.endOfToday()",
        "2024-05-15@javascript:gs.dateGenerate('2024-05-15','start')@javascript:gs.dateGenerate('2024-05-15','end')",
        "2024-05-15",
    ],
)
def test_on_a_day(world: Any, zone: str, value: str, inside: tuple[str, ...], outside: tuple[str, ...]) -> None:
    world.time_zone = zone
    world.add("task", "never")
    assert matches(world, f"opened_atON{value}", *inside, *outside) == list(inside)
    assert matches(world, f"opened_atNOTON{value}^opened_atISNOTEMPTY", *inside, *outside) == list(outside)
    assert world.select("opened_atONrubbish@rubbish@rubbish") == []


@pytest.mark.assumed("a record without a date is neither on a day nor off it")
def test_no_date_is_not_off_a_day(world: Any) -> None:
    world.add("task", "never")
    world.add("task", "other", opened_at="2024-01-01 00:00:00")
    for operator, expected in (("ON", []), ("NOTON", ["other"]), ("NOT ON", ["other"])):
        query = f"opened_at{operator}2024-05-15"
        assert world.select(query) == world.evaluated(query) == expected


@pytest.mark.parametrize(
    "part, value, comparison, zone, inside, outside",
    [
        ("dayofweek", "monday", "EE", "UTC", "2024-05-13 00:00:00", "2024-05-14 00:00:00"),
        ("dayofweek", "monday", "EE", "US/Pacific", "2024-05-14 06:59:59", "2024-05-13 06:59:59"),
        ("dayofweek", "sunday", "EE", "UTC", "2024-05-12 23:59:59", "2024-05-13 00:00:00"),
        ("month", "february", "EE", "UTC", "2024-02-29 23:59:59", "2024-03-01 00:00:00"),
        ("month", "feb", "EE", "Europe/Berlin", "2024-01-31 23:00:00", "2024-02-29 23:00:00"),
        ("month", "2", "EE", "UTC", "2023-02-01 00:00:00", "2023-01-31 23:59:59"),
        ("year", "2023", "LE", "UTC", "2023-12-31 23:59:59", "2024-01-01 00:00:00"),
        ("year", "2023", "GT", "Europe/Berlin", "2023-12-31 23:00:00", "2023-12-31 22:59:59"),
        ("quarter", "2", "EE", "UTC", "2024-06-30 23:59:59", "2024-07-01 00:00:00"),
        ("hour", "8", "GE", "UTC", "2024-05-15 08:00:00", "2024-05-15 07:59:59"),
        ("hour", "8", "LT", "Europe/Berlin", "2024-05-15 05:59:59", "2024-05-15 06:00:00"),
        ("hour", "3", "EE", "Europe/Berlin", "2024-03-31 01:00:00", "2024-03-31 00:59:59"),
        ("hour", "2", "EE", "Europe/Berlin", "2024-10-27 00:59:59", "2024-10-27 02:00:00"),
        ("hour", "2", "EE", "Europe/Berlin", "2024-10-27 01:00:00", "2024-10-26 23:59:59"),
        ("hour", "8", "NE", "Asia/Kolkata", "2024-05-15 03:30:00", "2024-05-15 02:30:00"),
        *assumed(
            "weeks are ISO weeks",
            ("week", "1", "EE", "UTC", "2024-12-30 00:00:00", "2023-01-01 00:00:00"),
        ),
    ],
)
def test_parts_of_dates(
    world: Any, part: str, value: str, comparison: str, zone: str, inside: str, outside: str
) -> None:
    world.time_zone = zone
    query = f"opened_atDATEPARTany@javascript:gs.datePart('{part}','{value}','{comparison}')"
    assert matches(world, query, inside, outside) == [inside]


@pytest.mark.parametrize(
    "value, inside, outside",
    [
        ("GE@hour@ago@1", "2024-05-15 12:45:30", "2024-05-15 12:45:29"),
        ("GT@hour@ago@1", "2024-05-15 12:45:31", "2024-05-15 12:45:30"),
        ("LT@hour@ago@1", "2024-05-15 12:45:29", "2024-05-15 12:45:30"),
        ("LE@hour@ahead@1", "2024-05-15 14:45:30", "2024-05-15 14:45:31"),
        ("GE@minute@ago@30", "2024-05-15 13:15:30", "2024-05-15 13:15:29"),
        ("EE@dayofweek@ago@1", "2024-05-14 23:59:59", "2024-05-15 00:00:00"),
        ("EE@hour@ago@0", "2024-05-15 13:59:59", "2024-05-15 14:00:00"),
        *assumed(
            "a day ago is the same time of day",
            ("GE@dayofweek@ago@7", "2024-05-08 13:45:30", "2024-05-08 13:45:29"),
        ),
        *assumed(
            "months, quarters and years are those of the calendar",
            ("LE@month@ago@3", "2024-02-15 13:45:30", "2024-02-15 13:45:31"),
            ("GE@quarter@ahead@1", "2024-08-15 13:45:30", "2024-08-15 13:45:29"),
            ("GE@year@ago@1", "2023-05-15 13:45:30", "2023-05-15 13:45:29"),
        ),
    ],
)
def test_distances_from_now(world: Any, value: str, inside: str, outside: str) -> None:
    assert matches(world, f"opened_atRELATIVE{value}", inside, outside) == [inside]


def test_a_date_without_time_is_a_day_of_the_users_calendar(world: Any) -> None:
    world.time_zone = "US/Pacific"
    world.clock.advance(-8 * 3600)  # 05:45 UTC is still Tuesday there
    world.add("task", "tuesday", due="2024-05-14")
    world.add("task", "wednesday", due="2024-05-15")
    for query in (
        "due=javascript:gs.now()",
        "dueONToday@javascript:gs.daysAgoStart(0)@javascript:gs.daysAgoEnd(0)",
        "dueRELATIVEEE@dayofweek@ago@0",
        "dueDATEPARTx@javascript:gs.datePart('dayofweek','tuesday','EE')",
    ):
        assert world.select(query) == world.evaluated(query) == ["tuesday"], query


@pytest.mark.ours("a value that is given as a value is no script")
@pytest.mark.parametrize("operator", ["=", "IN", "LIKE", "STARTSWITH", "ENDSWITH"])
@pytest.mark.parametrize("path", ["short_description", "comments"])
def test_a_condition_made_of_values_runs_no_script(world: Any, path: str, operator: str) -> None:
    world.add("task", "odd", short_description="javascript:gs.getUserID()")
    world.add("task", "mine", short_description=ME)
    world.add("sys_journal_field", "n1", element="comments", element_id="odd", value="javascript:gs.getUserID()")
    world.add("sys_journal_field", "n2", element="comments", element_id="mine", value=ME)
    literal = condition(path, operator, "javascript:gs.getUserID()")
    assert world.select(literal) == world.evaluated(literal) == ["odd"]
    assert world.select(f"{path}{operator}javascript:gs.getUserID()") == ["mine"]


@pytest.mark.ours("a dynamic filter is looked up even where values are literal")
def test_a_dynamic_filter_is_a_script_by_its_record(busy: Any) -> None:
    assert busy.select(condition("opened_by", "DYNAMIC", "dyn-me")) == ["p1"]


@pytest.mark.assumed("months, quarters and years are those of the calendar, and a day too late becomes the last one")
@pytest.mark.parametrize(
    "unit, at, count, expected",
    [
        ("month", "2024-03-31 10:00:00", -1, "2024-02-29 10:00:00"),
        ("month", "2023-03-31 10:00:00", -1, "2023-02-28 10:00:00"),
        ("month", "2024-01-31 10:00:00", 3, "2024-04-30 10:00:00"),
        ("month", "2024-01-31 10:00:00", 2, "2024-03-31 10:00:00"),
        ("month", "2024-01-29 10:00:00", -13, "2022-12-29 10:00:00"),
        ("quarter", "2024-05-31 10:00:00", -1, "2024-02-29 10:00:00"),
        ("quarter", "2024-08-30 10:00:00", 1, "2024-11-30 10:00:00"),
        ("year", "2024-02-29 10:00:00", 1, "2025-02-28 10:00:00"),
        ("year", "2024-02-29 10:00:00", -4, "2020-02-29 10:00:00"),
        ("week", "2024-02-26 10:00:00", 1, "2024-03-04 10:00:00"),
    ],
)
def test_a_moment_some_units_away(unit: str, at: str, count: int, expected: str) -> None:
    assert str(shifted(unit, datetime.fromisoformat(at), count)) == expected
