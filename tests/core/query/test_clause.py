"""FROM and WHERE for a SELECT of one's own, as aggregates need it."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable.core.query import Statement, compile_from_where, parse, resolve

pytestmark = pytest.mark.ours("the parts of a query's SQL can be used with another SELECT")


def test_columns_named_later_are_joined(busy: Any) -> None:
    clause = compile_from_where(
        resolve(parse("opened_by.nameLIKEtuter^stateISNOTEMPTY"), "incident", busy.context()),
        "incident",
        busy.dictionary,
        dialect=busy.store.dialect,
    )
    name = clause.column("assigned_to.last_case.number")
    sql = f"SELECT {name}, COUNT(*) FROM {clause.source} WHERE {clause.where} GROUP BY {name} ORDER BY COUNT({name})"
    assert busy.store.execute(Statement(sql, clause.parameters, clause.roots)) == [(None, 1), ("INC0001", 1)]
    assert list(clause.roots) == ["task", "user"]
    assert set(clause.roots["user"]) == {"name", "last_case"}
    assert clause.column("nosuch.path") is None


def test_without_a_condition_there_still_is_one(busy: Any) -> None:
    clause = compile_from_where(resolve(parse(""), "task", busy.context()), "task", busy.dictionary)
    assert busy.store.execute(
        Statement(f"SELECT COUNT(*) FROM {clause.source} WHERE {clause.where}", (), clause.roots)
    ) == [(4,)]
