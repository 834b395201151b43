"""Rows that are counted by their values: the counts are those that the database would give, whatever is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.lists.aggregate import Aggregation, Group, aggregate
from sandtable.core.store import reading
from sandtable.core.store.counts import COUNTED
from sandtable.core.store.sqlite.in_memory import MemoryDatabase
from sandtable.serving.assembly import create_instance

pytestmark = pytest.mark.ours("counts that are kept as rows come and go are those of the rows")
COLUMNS = ("state", "active", "category", "caller_id", "short_description")
PATTERNS = (
    {"short_description": "Disk", "state": "1", "category": "hardware"},
    {"short_description": "disk", "state": "2", "category": "software"},
    {"short_description": "", "state": "6", "close_code": "Solution provided", "close_notes": "x"},
    {"short_description": "réseau", "state": "10"},
)


@pytest.fixture(scope="module")
def instance() -> Iterator[Instance]:
    made = create_instance(random_seed=1)
    incidents = made.system().table("incident")
    for pattern in PATTERNS * 2:
        incidents.insert(pattern)
    made.system().table("problem").insert({"short_description": "disk", "state": "101"})
    yield made
    made.close()


@pytest.fixture
def large(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> Instance:
    """Return the instance, whose tables count as large ones."""
    monkeypatch.setattr(reading, "COUNTED", 0)
    return instance


def counted(instance: Instance, column: str) -> dict[str, int]:
    """Return the rows by value as the store keeps them."""
    counts = instance.store.value_counts("incident", column)
    assert counts is not None
    return {value or "": rows for value, rows in counts.items() if rows}


def there(instance: Instance, column: str) -> dict[str, int]:
    """Return the rows by value as they are."""
    return Counter(record[column] for record in instance.system().table("incident").query())


def groups(instance: Instance, column: str) -> list[Group]:
    return aggregate(instance.system(), "incident", "", Aggregation(count=True, group_by=(column,)))


def test_they_follow_each_write_and_each_that_is_taken_back(large: Instance) -> None:
    incidents = large.system().table("incident")
    assert {column: counted(large, column) for column in COLUMNS} == {
        column: there(large, column) for column in COLUMNS
    }
    moment = large.snapshot()
    made = incidents.insert({"category": "network", "short_description": "new"})
    incidents.update(made.sys_id, {"category": "database", "short_description": ""})
    incidents.delete(incidents.query("category=software")[0].sys_id)
    with large.transaction():
        large.store.insert_many("incident", [(f"{7:032x}", {**made.values_copy(), "sys_id": f"{7:032x}"})])
    changed = {column: counted(large, column) for column in COLUMNS}
    assert changed == {column: there(large, column) for column in COLUMNS}
    large.restore(moment)
    large.release(moment)
    restored = {column: counted(large, column) for column in COLUMNS}
    assert restored == {column: there(large, column) for column in COLUMNS}
    assert restored != changed


@pytest.mark.parametrize("query", ["active=true", "state=1", "stateIN1,2", "categoryINHARDWARE,software", "state=99"])
def test_a_list_has_the_same_number_of_rows(instance: Instance, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    incidents = instance.system().table("incident")
    rows = incidents.count(query)
    monkeypatch.setattr(reading, "COUNTED", 0)
    assert incidents.count(query) == rows == len(incidents.query(query))


@pytest.mark.parametrize("column", COLUMNS)
def test_groups_are_those_of_the_database(instance: Instance, column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    of_database = groups(instance, column)
    monkeypatch.setattr(reading, "COUNTED", 0)
    assert groups(instance, column) == of_database


def test_a_column_of_many_values_is_not_kept(large: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandtable.core.store.counts.MOST_VALUES", 2)
    assert large.store.value_counts("incident", "number") is None


def test_once_counted_they_cost_no_statement(large: Instance) -> None:
    large.system().table("incident").count("active=true")
    large.system().table("incident").insert({"short_description": "one more"})
    asked: list[str] = []
    with large.store.traced(asked.append):
        large.system().table("incident").count("active=true")
        groups(large, "active")
    assert not asked


def test_a_list_of_a_table_that_grows_looks_at_no_more_rows(instance: Instance) -> None:
    incidents = instance.system().table("incident")
    like = incidents.query("active=true")[0]

    def steps(rows: int) -> int:
        """Return the steps of the database that a list after a write takes, once there are so many more rows."""
        ids = [f"{rows + number:032x}" for number in range(rows)]
        with instance.transaction():
            numbered = ({**like.values_copy(), "sys_id": each, "number": f"INC{each[-7:]}"} for each in ids)
            instance.store.insert_many("incident", zip(ids, numbered, strict=True))
        incidents.page("active=true^ORDERBYDESCnumber", limit=20, offset=0)
        incidents.insert({"short_description": "one more"})
        counted = 0

        def count() -> bool:
            nonlocal counted
            counted += 1
            return False

        database = instance.store._db
        assert isinstance(database, MemoryDatabase)
        database._connection.set_progress_handler(count, 100)
        try:
            incidents.page("active=true^ORDERBYDESCnumber", limit=20, offset=0)
        finally:
            database.look_at(lambda: False)
        return counted

    moment = instance.snapshot()
    try:
        small = steps(COUNTED)
        assert steps(4 * COUNTED) <= small + 5
    finally:
        instance.restore(moment)
        instance.release(moment)
