"""The database and the evaluator always agree, and no text breaks either."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandtable.core.query import compile_count, compile_select, condition, conjunction, parse, resolve
from sandtable.core.values import stored_value

pytestmark = pytest.mark.ours("a query means the same to the database and to a record at hand")

# Few and alike, so that values meet each other.
WORDS = st.sampled_from(
    ["a", "A", "ab", "AB", "a%", "a_", "\\", "ä", "Ä", "äb", "ab ä", "K", "\N{KELVIN SIGN}", "ß", "İ", "i"]
    + [",", "a,b", "@", "[", "Z", "_"]
) | st.text(max_size=3)
NUMBERS = st.sampled_from(["0", "1", "2", "10", "-1", "1.5", "1.50", "007", "1e1", "x", "", "9223372036854775808"])
MOMENTS = st.datetimes(min_value=datetime(1969, 1, 1), max_value=datetime(2061, 1, 1)).map(
    lambda at: at.isoformat(" ", "seconds")
) | st.sampled_from(
    ["2024-03-31 00:59:59", "2024-03-31 01:00:00", "2024-10-27 01:00:00", "2024-05-15 13:45:30", "2024-12-30 00:00:00"]
)
IDS = st.sampled_from(["r0", "r1", "r2", "u0", "u1", "U0", "gone"])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "US/Pacific", "Asia/Kolkata", "Australia/Lord_Howe"])

TASKS = st.fixed_dictionaries(
    {},
    optional={
        "number": WORDS,
        "short_description": WORDS,
        "state": NUMBERS,
        "active": st.sampled_from(["true", "false"]),
        "effort": NUMBERS,
        "opened_at": MOMENTS,
        "sys_created_on": MOMENTS,
        "due": MOMENTS,
        "assigned_to": IDS,
        "opened_by": IDS,
        "parent": IDS,
        "watch_list": st.lists(IDS, max_size=3).map(",".join),
    },
)
USERS = st.fixed_dictionaries({}, optional={"name": WORDS, "manager": IDS, "last_case": IDS})
NOTES = st.tuples(IDS, st.sampled_from(["comments", "work_notes"]), WORDS)
GRANTS = st.tuples(IDS, WORDS)

PATHS = st.sampled_from(
    ["number", "short_description", "state", "active", "effort", "opened_at", "due", "assigned_to", "parent", "sys_id"]
    + ["watch_list", "comments", "comments_and_work_notes", "assigned_to.name", "assigned_to.manager.name"]
    + ["parent.opened_at", "parent.comments", "assigned_to.last_case.state", "assigned_to.last_case", "sys_class_name"]
    + ["parent.sys_id", "nosuch"]
)
PLAIN = st.sampled_from(
    ["=", "!=", "IN", "NOT IN", "LIKE", "NOT LIKE", "STARTSWITH", "ENDSWITH", ">", ">=", "<", "<=", "BETWEEN"]
    + ["ISEMPTY", "ISNOTEMPTY", "ANYTHING", "EXCLUDING", "ON", "NOTON", "INSTANCEOF", "IN_HIERARCHY", "VALCHANGES"]
)
VALUES = WORDS | NUMBERS | MOMENTS | IDS | st.lists(WORDS | NUMBERS, max_size=3).map(",".join)
VALUES |= st.tuples(MOMENTS | NUMBERS, MOMENTS | NUMBERS).map("@".join)
VALUES |= st.sampled_from(["javascript:gs.daysAgo(1)", "javascript:gs.beginningOfToday()", "javascript:x", "incident"])
FIELDS = st.sampled_from(["opened_at", "sys_created_on", "due", "parent.opened_at", "state", "effort", "number"])
UNITS = st.sampled_from(["minute", "hour", "day", "week", "month", "quarter", "year", "eon"])
SMALL = st.integers(-3, 400).map(str)
CONDITIONS = (
    st.tuples(PATHS, PLAIN, VALUES)
    | st.tuples(FIELDS, st.sampled_from(["SAMEAS", "NSAMEAS", "GT_FIELD", "LT_OR_EQUALS_FIELD"]), FIELDS)
    | st.tuples(FIELDS, st.sampled_from(["SAMEAS", "NSAMEAS"]), st.tuples(FIELDS, UNITS).map("@".join))
    | st.tuples(
        FIELDS,
        st.sampled_from(["MORETHAN", "LESSTHAN"]),
        st.tuples(FIELDS, UNITS, st.sampled_from(["before", "after"]), SMALL).map("@".join),
    )
    | st.tuples(
        FIELDS,
        st.sampled_from(["RELATIVEGE", "RELATIVELT", "RELATIVEEE"]),
        st.tuples(UNITS, st.sampled_from(["ago", "ahead"]), SMALL).map(lambda each: "@" + "@".join(each)),
    )
    | st.tuples(
        FIELDS,
        st.just("DATEPART"),
        st.tuples(
            st.sampled_from(["dayofweek", "month", "year", "quarter", "week", "hour"]),
            st.integers(0, 60).map(str) | st.sampled_from(["monday", "may", "2024"]),
            st.sampled_from(["EE", "NE", "GE", "LT"]),
        ).map("x@javascript:gs.datePart('{0[0]}','{0[1]}','{0[2]}')".format),
    )
).map(lambda each: "".join((each[0], each[1], each[2].replace("^", "^^"))))
BLOCKS = st.tuples(
    st.sampled_from(["role_grant.user", "task.parent", "incident.assigned_to", "user.manager"]),
    st.sampled_from([">=1", ">0", "=0", "<1", "=2", "!=1", "<=1", ">=2"]),
    st.sampled_from(["", "^role=a", "^roleLIKEb^ORuser.nameLIKEa", "^number!=a", "^parent.number=a"]),
).map("RLQUERY{0[0]},{0[1]}{0[2]}^ENDRLQUERY".format)
TERMS = CONDITIONS | BLOCKS | st.sampled_from(["123TEXTQUERY321=a b", "JOINtask.sys_id=task.parent!state=1"])
QUERIES = st.lists(st.tuples(st.sampled_from(["^", "^OR", "^NQ"]), TERMS), min_size=1, max_size=5).map(
    lambda parts: "".join(connective + term for connective, term in parts)
)


@given(
    st.lists(st.tuples(st.sampled_from(["task", "incident", "problem"]), TASKS), max_size=5),
    st.lists(USERS, max_size=3),
    st.lists(NOTES, max_size=3),
    st.lists(GRANTS, max_size=3),
    st.lists(QUERIES, min_size=4, max_size=4),
    ZONES,
    st.sampled_from(["true", "false"]),
)
@settings(max_examples=60)
def test_the_database_and_the_evaluator_agree(
    make_world: Callable[[], Any],
    tasks: list[tuple[str, dict[str, str]]],
    users: list[dict[str, str]],
    notes: list[tuple[str, str, str]],
    grants: list[tuple[str, str]],
    queries: list[str],
    zone: str,
    empties: str,
) -> None:
    world = make_world()
    world.time_zone = zone
    for name in ("not_equal", "not_in", "not_like"):
        world.properties[f"sandtable.query.{name}_matches_empty"] = empties
    for number, (table, values) in enumerate(tasks):
        columns = world.dictionary.columns(table)
        world.add(table, f"r{number}", **{name: stored_value(columns[name], text) for name, text in values.items()})
    for number, values in enumerate(users):
        columns = world.dictionary.columns("user")
        world.add("user", f"u{number}", **{name: stored_value(columns[name], text) for name, text in values.items()})
    for number, (owner, element, text) in enumerate(notes):
        value = stored_value(world.dictionary.columns("sys_journal_field")["value"], text)
        world.add("sys_journal_field", f"n{number}", element_id=owner, element=element, value=value)
    for number, (owner, role) in enumerate(grants):
        value = stored_value(world.dictionary.columns("role_grant")["role"], role)
        world.add("role_grant", f"g{number}", user=owner, role=value)
    for query in queries:
        for table in ("task", "incident"):
            assert world.select(query, table) == world.evaluated(query, table), query
            assert world.count(query, table) == len(world.select(query, table)), query


@given(QUERIES | st.text(max_size=60), st.sampled_from(["task", "incident", "user"]))
def test_no_text_breaks_a_query_or_reaches_the_sql(make_world: Callable[[], Any], text: str, table: str) -> None:
    world = make_world()
    world.add(table, "only")
    resolved = resolve(parse(text), table, world.context())
    statement = compile_select(resolved, table, world.dictionary, columns=("sys_id",), limit=5, offset=0)
    assert world.store.execute(statement) in ([], [(1, table, "only")])
    assert compile_count(resolved, table, world.dictionary).sql.count("?") <= len(statement.parameters)
    assert statement.sql.count("?") == len(statement.parameters)


@given(st.text(min_size=1, max_size=12), st.sampled_from(["=", "!=", "LIKE", "STARTSWITH", "IN", ">", "EXCLUDING"]))
def test_the_sql_is_the_same_whatever_the_value(make_world: Callable[[], Any], text: str, operator: str) -> None:
    """Values of one kind (ASCII, without the separators) make one SQL text; so none of them is part of it."""
    world = make_world()

    def sql(value: str) -> str:
        query = conjunction(parse("active=true"), condition("short_description", operator, value))
        resolved = resolve(query, "task", world.context())
        return compile_select(resolved, "task", world.dictionary, columns=("sys_id",), limit=1, offset=0).sql

    plain = "".join(letter for letter in text if letter.isascii() and letter not in ",\0") or "x"
    assert sql(plain) == sql("x") or plain.startswith("javascript:")
