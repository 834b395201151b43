"""The SQL tables behind the roots of the dictionary, made and widened as they are touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from sandtable.core.schema.dictionary import Dictionary

MANY_CLASSES = 25  # so few records are of one class that finding them by class pays
COLUMN_LIMIT = 1_990  # what SQLite takes in one table, less what is ours


class StoreError(Exception):
    """The store of an instance cannot be used; the text says why and what to do."""


@dataclass(slots=True)
class PhysicalTable:
    """What the database has of one root: its columns in order, and the dictionary state they were checked against."""

    columns: tuple[str, ...]
    select: str
    known: frozenset[str]
    checked: object = field(default=None)


class PhysicalSchema:
    """Keeps the SQL tables of one database in line with a dictionary."""

    def __init__(self, database: sqlite3.Connection, dictionary: Dictionary) -> None:
        self._db = database
        self._dictionary = dictionary
        self._tables: dict[str, PhysicalTable] = {}
        self.read()

    def read(self) -> None:
        """Learn which tables the database has."""
        self._tables = {}
        found = self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 2) = 'r_'")
        for (name,) in found.fetchall():
            columns = tuple(row[1] for row in self._db.execute(f"PRAGMA table_info({quoted(name)})"))
            self._tables[name[2:]] = _described(name[2:], columns[2:])

    def roots(self) -> tuple[str, ...]:
        """Return the names of the roots that have a table."""
        return tuple(self._tables)

    def prepare(self, root: str) -> PhysicalTable:
        """Bring the SQL table of a root in line with the dictionary. Raises StoreError for too many columns."""
        table = self._tables.get(root)
        schema = self._dictionary.schema
        if table is not None and table.checked is schema:
            return table
        wanted = self._wanted(root)
        if table is None:
            table = self._create(root, wanted)
        missing = [each for each in wanted if each not in table.known]
        if missing:
            table = self._widen(root, table, missing)
        table.checked = schema
        self._tables[root] = table
        return table

    def _wanted(self, root: str) -> dict[str, None]:
        dictionary = self._dictionary
        wanted: dict[str, None] = {"sys_id": None}
        if dictionary.has(root):
            for table in dictionary.descendants(root):
                wanted |= dict.fromkeys(dictionary.table(table).columns)
        return wanted

    def _create(self, root: str, wanted: Iterable[str]) -> PhysicalTable:
        name = quoted("r_" + root)
        columns = ",".join(f"{quoted(each)} TEXT" for each in wanted)
        self._db.execute(f'CREATE TABLE {name} ("_seq" INTEGER PRIMARY KEY, "_table" TEXT NOT NULL, {columns})')
        self._db.execute(f'CREATE UNIQUE INDEX {quoted("u_" + root)} ON {name} ("sys_id")')
        if self._dictionary.has(root):
            self._index(root, self._dictionary.indexed(root))
            if len(self._dictionary.descendants(root)) > MANY_CLASSES:
                self._db.execute(f'CREATE INDEX {quoted("c_" + root)} ON {name} ("_table")')
        return _described(root, tuple(wanted))

    def _widen(self, root: str, table: PhysicalTable, missing: list[str]) -> PhysicalTable:
        if len(table.columns) + len(missing) > COLUMN_LIMIT:
            raise StoreError(f"{root} and the tables that extend it would have more than {COLUMN_LIMIT} columns")
        for each in missing:
            self._db.execute(f"ALTER TABLE {quoted('r_' + root)} ADD COLUMN {quoted(each)} TEXT")
        self._index(root, [each for each in self._dictionary.indexed(root) if each in missing])
        return _described(root, (*table.columns, *missing))

    def _index(self, root: str, elements: Iterable[str]) -> None:
        own = self._dictionary.table(root).columns if self._dictionary.has(root) else {}
        for element in elements:
            # A column that only some classes have is empty in the rows of all others: those need no place in its index.
            some = "" if element in own else f" WHERE {quoted(element)} IS NOT NULL"
            self._db.execute(
                f"CREATE INDEX IF NOT EXISTS {quoted(f'i_{root}_{element}')}"
                f" ON {quoted('r_' + root)} ({quoted(element)} COLLATE NOCASE){some}"
            )


# A name depends on nothing but itself, and the same few thousand are asked for all the time.
@lru_cache(maxsize=8_192)
def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _described(root: str, columns: tuple[str, ...]) -> PhysicalTable:
    selected = ",".join(map(quoted, columns))
    select = f'SELECT "_seq", "_table", {selected} FROM {quoted("r_" + root)}'
    return PhysicalTable(columns, select, frozenset(columns))
