"""A small world for queries: a hand-made dictionary, the real store, and people who ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from sandtable.core.query import (
    Query,
    QueryContext,
    compile_count,
    compile_select,
    evaluate,
    parse,
    resolve,
)
from sandtable.core.schema.columns import Column, Table
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.store.rows import Store
from sandtable.core.values.clock import Clock

NOW = datetime(2024, 5, 15, 13, 45, 30, tzinfo=UTC)  # a Wednesday
ME = "90" * 16


def columns(*listed: Column) -> dict[str, Column]:
    own = (Column("sys_id", "GUID", max_length=32), Column("sys_created_on", "glide_date_time", indexed=True), *listed)
    return {each.name: each for each in own}


def tables() -> Iterable[Table]:
    return (
        Table(
            "task",
            display="number",
            columns=columns(
                Column("number", indexed=True),
                Column("short_description", max_length=160),
                Column("description", max_length=4000),
                Column("state", "integer", choice=3, indexed=True),
                Column("active", "boolean"),
                Column("effort", "decimal"),
                Column("opened_at", "glide_date_time", indexed=True),
                Column("due", "glide_date"),
                Column("time_worked", "glide_duration"),
                Column("assigned_to", "reference", reference="user", indexed=True),
                Column("opened_by", "reference", reference="user"),
                Column("parent", "reference", reference="task"),
                Column("watch_list", "glide_list", reference="user"),
                Column("comments", "journal_input"),
                Column("work_notes", "journal_input"),
                Column("comments_and_work_notes", "journal_list"),
                Column("sys_class_name", "sys_class_name"),
            ),
        ),
        Table(
            "incident",
            parent="task",
            columns={
                "severity": Column("severity", "integer", choice=1),
                "caller_id": Column("caller_id", "reference", reference="user", indexed=True),
            },
        ),
        Table("problem", parent="task", columns={"known": Column("known", "boolean")}),
        Table(
            "user",
            display="name",
            columns=columns(
                Column("name"),
                Column("email", "email"),
                Column("manager", "reference", reference="user"),
                Column("last_case", "reference", reference="incident"),
            ),
        ),
        Table("sys_user_grmember", columns=columns(Column("user", "reference", reference="user"), Column("group"))),
        Table(
            "role_grant",
            columns=columns(Column("user", "reference", reference="user", indexed=True), Column("role"), Column("on")),
        ),
        Table(
            "sys_journal_field",
            columns=columns(Column("element_id", indexed=True), Column("element"), Column("value", max_length=4000)),
        ),
        Table("label_entry", columns=columns(Column("label", "reference", reference="label"), Column("table_key"))),
        Table("label", columns=columns(Column("name"))),
        Table("sys_filter_option_dynamic", columns=columns(Column("script"), Column("active", "boolean"))),
    )


@dataclass
class World:
    """A dictionary, a store with records in it, and a context to ask in."""

    dictionary: Dictionary = field(default_factory=lambda: Dictionary(tables()))
    properties: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    time_zone: str = "UTC"
    opened: Callable[[Dictionary], Store] = Store

    def __post_init__(self) -> None:
        self.store = self.opened(self.dictionary)
        self.clock = Clock(NOW.timestamp)

    def add(self, table: str, sys_id: str, **values: str) -> str:
        given = {**values}
        if "sys_class_name" in self.dictionary.columns(table):
            given["sys_class_name"] = table
        self.store.insert(self.dictionary.root(table), table, sys_id, given)
        return sys_id

    def context(self) -> QueryContext:
        return QueryContext(
            self.dictionary,
            self.clock,
            ME,
            "me",
            self.time_zone,
            lambda kind, name, detail: self.notes.append((kind, name, detail)),
            lambda name, default: self.properties.get(name, default),
            self.lookup,
            self.related,
        )

    def lookup(self, table: str, sys_id: str) -> Mapping[str, str] | None:
        row = self.store.get(self.dictionary.root(table), sys_id)
        return row.values if row is not None and self.dictionary.extends(row.table, table) else None

    def related(self, table: str) -> Iterable[Mapping[str, str]]:
        rows = self.store.rows(self.dictionary.root(table))
        return [row.values for row in rows if self.dictionary.extends(row.table, table)]

    def select(self, query: str | Query, table: str = "task", limit: int | None = None, offset: int = 0) -> list[str]:
        """Return the sys_ids of the matching records, read by SQL."""
        resolved = resolve(parse(query) if isinstance(query, str) else query, table, self.context())
        statement = compile_select(
            resolved,
            table,
            self.dictionary,
            columns=("sys_id",),
            limit=limit,
            offset=offset,
            dialect=self.store.dialect,
        )
        return [row[2] for row in self.store.execute(statement)]

    def count(self, query: str, table: str = "task") -> int:
        resolved = resolve(parse(query), table, self.context())
        found: int = self.store.execute(compile_count(resolved, table, self.dictionary, dialect=self.store.dialect))[0][
            0
        ]
        return found

    def evaluated(self, query: str | Query, table: str = "task") -> list[str]:
        """Return the sys_ids of the matching records, each asked by itself, in order of insertion."""
        parsed, context = parse(query) if isinstance(query, str) else query, self.context()
        return [row["sys_id"] for row in self.related(table) if evaluate(parsed, row, table, context)]

    def plan(self, query: str, table: str = "task") -> str:
        """Return how the database goes about a query."""
        resolved = resolve(parse(query), table, self.context())
        statement = compile_select(resolved, table, self.dictionary, columns=("sys_id",), limit=10, offset=0)
        for root, names in statement.roots.items():
            self.store.expect(root, names)
        explained = self.store._db.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.parameters)
        return "\n".join(row[3] for row in explained)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask everything of both databases, save how SQLite goes about it."""
    if "database" in metafunc.fixturenames:
        metafunc.parametrize(
            "database", ["sqlite"] if "plans" in metafunc.module.__name__ else ["sqlite", "postgresql"]
        )


@pytest.fixture(scope="session")
def shared_place(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Connections to a PostgreSQL that is made ready."""
    url = request.getfixturevalue("postgresql")
    from sandtable.core.store.postgres import layout
    from sandtable.core.store.postgres.connections import Connections

    connections = Connections(url)
    layout.prepare(connections)
    yield connections
    connections.close()


@contextmanager
def empty_shared_store(connections: Any) -> Iterator[Callable[[Dictionary], Store]]:
    """Yield what makes an empty store in PostgreSQL: one schema, of which everything written is taken back."""
    from sandtable.core.store.postgres.shared import SharedStore

    made: list[Store] = []

    def shared(dictionary: Dictionary) -> Store:
        store = SharedStore(dictionary, connections, "queries")
        for table in dictionary.tables():
            if not table.parent:
                store.exists(table.name, "")  # makes the table, which stays
        made.append(store)
        store.begin_work()
        return store

    yield shared
    for store in made:
        store._give_up(wrote_all=True)


@pytest.fixture
def opened(database: str, request: pytest.FixtureRequest) -> Iterator[Callable[[Dictionary], Store]]:
    """What makes an empty store."""
    if database == "sqlite":
        yield Store
        return
    with empty_shared_store(request.getfixturevalue("shared_place")) as made:
        yield made


@pytest.fixture(scope="session")
def opened_shared(shared_place: Any) -> Callable[[], AbstractContextManager[World]]:
    """What makes an empty world in PostgreSQL for the length of a block."""

    @contextmanager
    def world() -> Iterator[World]:
        with empty_shared_store(shared_place) as made:
            yield World(opened=made)

    return world


@pytest.fixture
def world(opened: Callable[[Dictionary], Store]) -> World:
    """An empty world."""
    return World(opened=opened)


@pytest.fixture
def busy(opened: Callable[[Dictionary], Store]) -> World:
    """A world with a handful of tasks; sys_ids are short and say what they are."""
    world = World(opened=opened)
    world.add("user", ME, name="Me Myself", email="me@example.org")
    world.add("user", "abel", name="Abel Tuter", email="abel@example.com", manager=ME)
    world.add("user", "bow", name="Bow Ruggeri", manager="abel", last_case="i1")
    world.add("user", "aerin", name="Ärin Öz", manager="abel", last_case="p1")
    world.add(
        "incident",
        "i1",
        number="INC0001",
        short_description="VPN is down",
        state="1",
        active="true",
        effort="1.50",
        opened_at="2024-05-15 08:00:00",
        due="2024-05-15",
        assigned_to="abel",
        opened_by="abel",
        severity="3",
        watch_list=f"abel,{ME}",
        sys_created_on="2024-05-15 08:00:00",
    )
    world.add(
        "incident",
        "i2",
        number="INC0002",
        short_description="100% _sure_ \\ of it",
        state="2",
        active="false",
        effort="10",
        opened_at="2024-05-14 23:30:00",
        due="2024-04-30",
        assigned_to="bow",
        opened_by="abel",
        parent="i1",
        sys_created_on="2024-05-15 08:00:00",
    )
    world.add(
        "problem",
        "p1",
        number="PRB0001",
        short_description="Straße ÄPFEL",
        state="10",
        opened_at="2024-02-29 12:00:00",
        assigned_to="nobody there",
        opened_by=ME,
        parent="i2",
        known="true",
        sys_created_on="2024-02-29 12:00:00",
    )
    world.add("task", "t1", number="TASK0001", active="true", sys_created_on="2024-01-01 00:00:00")
    world.add("role_grant", "g1", user="abel", role="itil")
    world.add("role_grant", "g2", user="abel", role="admin")
    world.add("role_grant", "g3", user="bow", role="itil")
    world.add("sys_journal_field", "n1", element_id="i1", element="comments", value="Hello there")
    world.add("sys_journal_field", "n2", element_id="i2", element="work_notes", value="hello again")
    world.add("label", "l1", name="Hot")
    world.add("label_entry", "e1", label="l1", table_key="i2")
    world.add("sys_filter_option_dynamic", "dyn-me", script="gs.getUserID()", active="true")
    world.add("sys_filter_option_dynamic", "dyn-off", script="gs.getUserID()", active="false")
    return world


@pytest.fixture(scope="session")
def make_world() -> Callable[[], World]:
    """What makes an empty world, for tests that need many."""
    return World
