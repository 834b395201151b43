"""The database and the evaluator always agree, and no text breaks either."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandtable.core.query import compile_count, compile_select, condition, conjunction, parse, resolve
from sandtable.core.schema.stored_values import stored_value

pytestmark = pytest.mark.ours("a query means the same to the database and to a record at hand")

# Few and alike, so that values meet each other.
LETTERS = st.text(alphabet="aAbä_%\\K\N{KELVIN SIGN}İiZ[,@^", max_size=3) | st.text(max_size=2)
NUMBERS = st.sampled_from(["0", "1", "2", "10", "-1", "1.5", "1.50", "1e1", "", "9223372036854775808"])
FIRST, LAST = datetime(1969, 1, 1), datetime(2061, 1, 1)  # noqa: DTZ001 - stored moments carry no zone
MOMENTS = st.sampled_from(
    ["2024-03-31 00:59:59", "2024-03-31 01:00:00", "2024-10-27 01:00:00", "2024-05-15 13:45:30", "2024-12-30 00:00:00"]
    + ["2024-05-14 22:00:00", "2024-05-14 21:59:59", "2024-05-14", ""]
) | st.datetimes(FIRST, LAST).map(lambda at: at.isoformat(" ", "seconds"))
IDS = st.sampled_from(["r0", "r1", "R1", "u0", "u1", "U0", ""])
BOOLEANS = st.sampled_from(["true", "false", ""])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "US/Pacific", "Asia/Kolkata", "Australia/Lord_Howe"])

TASKS = st.fixed_dictionaries(
    {
        "number": LETTERS,
        "short_description": LETTERS,
        "state": NUMBERS,
        "active": BOOLEANS,
        "effort": NUMBERS,
        "opened_at": MOMENTS,
        "sys_created_on": MOMENTS,
        "due": MOMENTS,
        "assigned_to": IDS,
        "parent": IDS,
        "watch_list": st.lists(IDS, max_size=3).map(",".join),
    }
)
USERS = st.fixed_dictionaries({"name": LETTERS, "manager": IDS, "last_case": IDS})
NOTES = st.tuples(IDS, st.sampled_from(["comments", "work_notes"]), LETTERS)
GRANTS = st.tuples(IDS, LETTERS)

EQUAL = ["=", "!=", "IN", "NOT IN"]
PARTS = ["LIKE", "NOT LIKE", "STARTSWITH", "ENDSWITH"]
SIZES = [">", ">=", "<", "<=", "BETWEEN"]


def conditions(paths: list[str], operators: list[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return conditions on columns of one kind, with values of that kind."""
    several = st.lists(values, min_size=1, max_size=3)
    lists, pairs = several.map(",".join), st.tuples(values, values).map("@".join)
    given_values = {"IN": lists, "NOT IN": lists, "BETWEEN": pairs, "EXCLUDING": lists}
    return st.tuples(st.sampled_from(paths), st.sampled_from(operators)).flatmap(
        lambda each: given_values.get(each[1], values).map(
            lambda value: f"{each[0]}{each[1]}{value.replace('^', '^^')}"
        )
    )


MOMENT_PATHS = ["opened_at", "sys_created_on", "due", "parent.opened_at", "parent.due"]
FIELDS = st.sampled_from(MOMENT_PATHS)
UNITS = st.sampled_from(["minute", "hour", "day", "week", "month", "quarter", "year"])
SMALL = st.integers(-3, 400).map(str)
KINDS = [
    conditions(["number", "short_description", "assigned_to.name", "parent.number"], EQUAL + PARTS + SIZES, LETTERS),
    conditions(["assigned_to", "parent", "assigned_to.manager", "assigned_to.last_case"], PARTS, LETTERS),
    conditions(["assigned_to", "parent", "sys_id", "parent.sys_id", "assigned_to.manager"], EQUAL + SIZES, IDS),
    conditions(
        ["comments", "comments_and_work_notes", "parent.comments", "work_notes"], EQUAL + PARTS + SIZES, LETTERS
    ),
    conditions(["state", "effort", "assigned_to.last_case.state"], EQUAL + SIZES + ["LIKE"], NUMBERS),
    conditions(["active", "parent.active"], EQUAL, BOOLEANS),
    conditions(MOMENT_PATHS, EQUAL + SIZES + ["ON", "NOTON", "STARTSWITH"], MOMENTS),
    conditions(["watch_list"], EQUAL + PARTS + ["EXCLUDING"], IDS),
    conditions(["parent", "sys_id"], ["IN_HIERARCHY"], IDS),
    conditions(["sys_class_name"], ["INSTANCEOF"], st.sampled_from(["task", "incident", "x"])),
    conditions(["number", "state", "parent.due", "comments"], ["ISEMPTY", "ISNOTEMPTY", "ANYTHING"], st.just("")),
    conditions(["nosuch", "number.x"], ["=", "IN"], LETTERS),
    conditions(["state", "effort"], ["SAMEAS", "NSAMEAS", "GT_FIELD", "LT_OR_EQUALS_FIELD"], st.just("effort")),
    conditions(["number"], ["SAMEAS", "NSAMEAS", "GT_FIELD"], st.sampled_from(["short_description", "parent.number"])),
    conditions(MOMENT_PATHS, ["SAMEAS", "NSAMEAS"], st.tuples(FIELDS, UNITS).map("@".join)),
    conditions(
        MOMENT_PATHS,
        ["MORETHAN", "LESSTHAN"],
        st.tuples(FIELDS, UNITS, st.sampled_from(["before", "after"]), SMALL).map("@".join),
    ),
    conditions(
        MOMENT_PATHS,
        ["RELATIVEGE", "RELATIVELT", "RELATIVEEE"],
        st.tuples(st.just(""), UNITS, st.sampled_from(["ago", "ahead"]), SMALL).map("@".join),
    ),
    conditions(
        MOMENT_PATHS,
        ["DATEPART"],
        st.tuples(
            st.sampled_from(["dayofweek", "month", "year", "quarter", "week", "hour"]),
            st.sampled_from(["0", "1", "2", "3", "22", "53", "2024"]),
            st.sampled_from(["EE", "NE", "GE", "LT"]),
        ).map("x@javascript:gs.datePart('{0[0]}','{0[1]}','{0[2]}')".format),
    ),
    st.tuples(
        st.sampled_from(["task.parent", "incident.parent", "label_entry.table_key", "task.sys_id"]),
        st.sampled_from([">=1", ">0", "=0", "<1", "=2", "!=1", "<=1", ">=2"]),
        st.sampled_from(["", "^number!=a", "^parent.numberLIKEa^ORstate=1"]),
    ).map("RLQUERY{0[0]},{0[1]}{0[2]}^ENDRLQUERY".format),
    st.sampled_from(["", "!state=1", "!roleISNOTEMPTY"]).map("JOINtask.assigned_to=role_grant.user{}".format),
    LETTERS.map(lambda text: f"123TEXTQUERY321={text.replace('^', '^^')}"),
]
QUERIES = st.lists(st.tuples(st.sampled_from(["^", "^OR", "^NQ"]), st.one_of(KINDS)), min_size=1, max_size=4).map(
    lambda parts: "".join(connective + term for connective, term in parts)
)


def fill(world: Any, table: str, prefix: str, records: list[dict[str, str]]) -> None:
    columns = world.dictionary.columns(table)
    for number, values in enumerate(records):
        stored = {name: stored_value(columns[name], text) for name, text in values.items()}
        world.add(table, f"{prefix}{number}", **stored)


@pytest.mark.parametrize("kind", [*range(len(KINDS)), None])
@given(data=st.data())
@settings(max_examples=max(12, settings().max_examples // 5))  # there are many kinds, and each asks a dozen times
def test_the_database_and_the_evaluator_agree(
    make_world: Callable[[], Any], kind: int | None, data: st.DataObject
) -> None:
    agree(make_world(), kind, data)


@pytest.mark.parametrize("kind", [*range(len(KINDS)), None])
@given(data=st.data())
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_postgresql_and_the_evaluator_agree(opened_shared: Callable[[], Any], kind: int | None, data: Any) -> None:
    with opened_shared() as world:
        agree(world, kind, data)


def agree(world: Any, kind: int | None, data: st.DataObject) -> None:
    world.time_zone = data.draw(ZONES)
    for name in ("not_equal", "not_in", "not_like"):
        world.properties[f"sandtable.query.{name}_matches_empty"] = data.draw(st.sampled_from(["true", "false"]))
    fill(world, "task", "r", data.draw(st.lists(TASKS, min_size=2, max_size=3)))
    fill(world, "incident", "i", data.draw(st.lists(TASKS, max_size=2)))
    fill(world, "problem", "u", data.draw(st.lists(TASKS, max_size=1)))
    fill(world, "user", "u", data.draw(st.lists(USERS, max_size=2)))
    notes = data.draw(st.lists(NOTES, max_size=3))
    names = ("element_id", "element", "value")
    fill(world, "sys_journal_field", "n", [dict(zip(names, note, strict=True)) for note in notes])
    grants = data.draw(st.lists(GRANTS, max_size=2))
    fill(world, "role_grant", "g", [dict(zip(("user", "role"), grant, strict=True)) for grant in grants])
    for query in data.draw(st.lists(QUERIES if kind is None else KINDS[kind], min_size=6, max_size=6)):
        for table in ("task", "incident"):
            found = world.evaluated(query, table)
            assert world.select(query, table) == found, query
            assert world.count(query, table) == len(found), query


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
