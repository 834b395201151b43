"""Replacing everything in a world by what is in a database of SQLite: only rows that are others are written.

Going back to a moment is mostly going back over few writes. So each row of a table that has the same columns as before
is compared by a digest, which both databases' rows are given alike; the tables and indexes stay as they are. A table
with other columns is made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from sandtable.core.schema.physical import quoted
from sandtable.core.store.sqlite.in_memory import MemoryDatabase

LONGEST_INDEXED = 600  # characters: an entry of an index has at most 2,704 bytes
DIGEST = 12  # bytes of a digest that are compared
APART = "\x1f"
MADE_HERE = ("u_", "x_")  # what the names of tables that nobody ships begin with
MOST_ARGUMENTS = 90  # that a function is given at once; PostgreSQL takes 100


class _World(Protocol):
    """The database of a world as one writes into it; PostgresDatabase says what each call promises."""

    def tables(self) -> dict[str, tuple[str, ...]]: ...
    def before_tables(self) -> None: ...
    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Any: ...
    def create_table(self, root: str, columns: Iterable[str], *, by_class: bool) -> None: ...
    def add_index(self, root: str, column: str, *, partial: bool) -> None: ...
    def drop_index(self, root: str, column: str) -> None: ...
    def copy_in(self, place: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None: ...


def replace(database: _World, source: MemoryDatabase) -> None:
    """Make everything in a world what it is in another database, within the transaction that has begun."""
    there = database.tables()
    tables = source.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    wanted = {name[2:]: _columns(source, name) for (name,) in tables if name.startswith("r_")}
    for root, columns in wanted.items():
        if root in there and set(there[root]) == set(columns):
            _write_what_differs(database, source, root, columns)
        else:
            if root in there:
                _drop(database, root)
            _make(database, source, root, columns)
    for root in there.keys() - wanted.keys():
        if root.startswith(MADE_HERE):
            _drop(database, root)
        else:  # it is made by its first record, and would be again
            database.execute(f"DELETE FROM {quoted('r_' + root)}")


def filled(execute: Callable[..., Any], place: str, columns: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns that have a value, for each class of rows: far fewer than their root has columns."""
    counted = ",".join(f"count({quoted(each)})" for each in columns)
    found = execute(f'SELECT "_table", {counted} FROM {place} GROUP BY "_table"').fetchall()
    return {table: [name for name, number in zip(columns, numbers, strict=True) if number] for table, *numbers in found}


def _columns(source: MemoryDatabase, table: str) -> list[str]:
    return [row[1] for row in source.execute(f"PRAGMA table_info({quoted(table)})")][2:]


def _drop(database: _World, root: str) -> None:
    database.before_tables()
    database.execute(f"DROP TABLE {quoted('r_' + root)}")


def _write_what_differs(database: _World, source: MemoryDatabase, root: str, columns: Sequence[str]) -> None:
    place = quoted("r_" + root)
    before, after = filled(database.execute, place, columns), filled(source.execute, place, columns)
    gone: list[int] = []
    missing: list[tuple[list[str], list[tuple[Any, ...]]]] = []
    for kind in before.keys() | after.keys():
        used = {*before.get(kind, ()), *after.get(kind, ())}
        names = [name for name in columns if name in used]
        rows, found = _differing(database, source, place, kind, names)
        gone += found
        if rows:
            missing.append((names, rows))
    if gone:
        database.execute(f'DELETE FROM {place} WHERE "_seq" = ANY(?)', (gone,))
    for names, rows in missing:
        for number, name in enumerate(names, 2):
            if any(len(row[number] or "") > LONGEST_INDEXED for row in rows):
                database.drop_index(root, name)
        database.copy_in(place, ("_seq", "_table", *names), rows)
    if gone or missing:
        _number_on(database, place)


def _differing(
    database: _World, source: MemoryDatabase, place: str, kind: str, names: Sequence[str]
) -> tuple[list[tuple[Any, ...]], list[int]]:
    """Return the rows of a class that are only in the source, and the places of those that are only in the world."""
    asked = f'SELECT "_seq", {_digest(names)} FROM {place} WHERE "_table" = ?'
    known = dict(database.execute(asked, (kind,)).fetchall())
    gone, missing = [], []
    listed = ",".join(map(quoted, ("_seq", "_table", *names)))
    for row in source.execute(f'SELECT {listed} FROM {place} WHERE "_table" = ?', (kind,)):
        before = known.pop(row[0], None)
        if before != _digest_of(row[2:]):
            missing.append(row)
            if before is not None:
                gone.append(row[0])
    return missing, [*gone, *known]


def _digest(names: Iterable[str]) -> str:
    """Return the expression for the digest of the values of a row."""
    values = [f"coalesce({quoted(name)}, '')" for name in names]
    groups = [values[start : start + MOST_ARGUMENTS] for start in range(0, len(values), MOST_ARGUMENTS)]
    text = ", ".join(f"concat_ws(chr({ord(APART)}), {', '.join(group)})" for group in groups)
    return f"substring(sha256(convert_to(concat_ws(chr({ord(APART)}), {text}), 'UTF8')) FROM 1 FOR {DIGEST})"


def _digest_of(values: Iterable[str | None]) -> bytes:
    return hashlib.sha256(APART.join(value or "" for value in values).encode()).digest()[:DIGEST]


def _make(database: _World, source: MemoryDatabase, root: str, columns: Sequence[str]) -> None:
    table = f"r_{root}"
    place = quoted(table)
    made = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?"
    indexes = dict(source.execute(made, (table,)))
    database.create_table(root, columns, by_class=f"c_{root}" in indexes)
    for kind, names in filled(source.execute, place, columns).items():
        listed = ("_seq", "_table", *names)
        asked = f'SELECT {",".join(map(quoted, listed))} FROM {place} WHERE "_table" = ?'
        database.copy_in(place, listed, source.execute(asked, (kind,)))
    _number_on(database, place)
    for column in columns:
        text = indexes.get(f"i_{root}_{column}")
        if text is not None:
            database.add_index(root, column, partial=" WHERE " in text)


def _number_on(database: _World, place: str) -> None:
    """Let the next row have the place after the last: a statement that is taken back with the transaction."""
    last = database.execute(f'SELECT coalesce(max("_seq"), 0) FROM {place}').fetchone()
    assert last is not None
    database.execute(f'ALTER TABLE {place} ALTER COLUMN "_seq" RESTART WITH {int(last[0]) + 1}')
