"""By which index the database looks for rows: without statistics it would take the one for classes for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.query import Statement
from sandtable.serving.assembly import create_instance

pytestmark = pytest.mark.ours("a question about one of many records does not read the others of its class")
BY_CLASS = "c_task"


@pytest.fixture(scope="module")
def full() -> Iterator[Instance]:
    """Return an instance most of whose tasks are incidents."""
    instance = create_instance(random_seed=1)
    incidents = instance.system().table("incident")
    pattern = incidents.insert({"short_description": "a pattern", "correlation_id": "rule:0"}).values_copy()
    with instance.transaction():
        instance.store.insert_many("incident", ((f"{number:032x}", pattern) for number in range(200)))
    yield instance
    instance.close()


def plan(instance: Instance, read: Callable[[], object]) -> str:
    """Return how the database looks for the rows that are read."""
    asked: list[str] = []
    with instance.store.traced(asked.append):
        read()
    selected = next(sql for sql in asked if ' AS "t" ' in sql)
    steps = instance.store.execute(Statement(f"EXPLAIN QUERY PLAN {selected}", (), {}))
    return "; ".join(step[3] for step in steps)


def plan_of_page(instance: Instance, table: str, query: str) -> str:
    """Return how the database looks for the first page of what a query finds."""
    return plan(instance, lambda: instance.system().table(table).query(query, limit=20))


@pytest.mark.parametrize(
    "query, index",
    [
        ("number=INC0010001", "i_task_number"),
        ("correlation_id=rule:0", "i_task_correlation_id"),
        ("correlation_id=rule:0^active=true^ORDERBYDESCsys_created_on", "i_task_correlation_id"),
        ("ORDERBYDESCsys_created_on", "i_task_sys_created_on"),
        ("active=true^ORDERBYDESCsys_updated_on", "i_task_sys_updated_on"),
    ],
)
def test_a_column_with_an_index_is_found_by_it(full: Instance, query: str, index: str) -> None:
    assert index in plan_of_page(full, "incident", query)


@pytest.mark.parametrize("query", ["", "active=true", "ORDERBYDESCsys_created_on"])
def test_rows_of_a_rare_class_are_found_by_class(full: Instance, query: str) -> None:
    assert BY_CLASS in plan_of_page(full, "problem", query)


def test_one_row_of_a_rare_class_is_found_by_its_column(full: Instance) -> None:
    assert "i_task_number" in plan_of_page(full, "problem", "number=PRB0000001")


def test_a_transform_finds_what_it_updates_by_the_column_it_coalesces_by(full: Instance) -> None:
    incidents = full.system().table("incident")
    assert "i_task_correlation_id" in plan(full, lambda: incidents.holding({"correlation_id": "rule:0"}))
