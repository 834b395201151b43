"""The tables of an instance in SQLite, wherever its database is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sandtable.core.query.sql.dialect import SQLITE, Dialect
from sandtable.core.schema.physical import quoted

STATEMENTS_KEPT = 1_000
STEPS_BETWEEN_LOOKS = 250_000  # of the database, at the clock: some thousandths of a second


class SqliteTables:
    """Makes the tables of roots and tells which there are; see Tables."""

    dialect: Dialect = SQLITE
    wants_all = False
    column_limit = 1_990  # what SQLite takes in one table, less what is ours
    execute: Callable[..., Any]

    path = ""
    notice = ""  # what was done to the file at the opening, for people

    def begin(self) -> None:
        """Begin a transaction."""
        self.execute("BEGIN")

    def commit(self) -> None:
        """Make a transaction durable."""
        self.execute("COMMIT")

    def tables(self) -> dict[str, tuple[str, ...]]:
        """Return the roots that have a table, each with its columns apart from `_seq` and `_table`."""
        found = self.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 2) = 'r_'")
        return {
            name[2:]: tuple(row[1] for row in self.execute(f"PRAGMA table_info({quoted(name)})"))[2:]
            for (name,) in found.fetchall()
        }

    def create_table(self, root: str, columns: Iterable[str], *, by_class: bool) -> None:
        """Make the table of a root; `by_class` with an index of classes."""
        name = quoted("r_" + root)
        listed = ",".join(f"{quoted(each)} TEXT" for each in columns)
        self.execute(f'CREATE TABLE {name} ("_seq" INTEGER PRIMARY KEY, "_table" TEXT NOT NULL, {listed})')
        self.execute(f'CREATE UNIQUE INDEX {quoted("u_" + root)} ON {name} ("sys_id")')
        if by_class:
            self.execute(f'CREATE INDEX {quoted("c_" + root)} ON {name} ("_table")')

    def add_columns(self, root: str, columns: Sequence[str]) -> None:
        """Add columns to the table of a root."""
        for each in columns:
            self.execute(f"ALTER TABLE {quoted('r_' + root)} ADD COLUMN {quoted(each)} TEXT")

    def add_index(self, root: str, column: str, *, partial: bool) -> None:
        """Make the index of a column, unless there is one; a `partial` one is of the rows that have a value."""
        some = f" WHERE {quoted(column)} IS NOT NULL" if partial else ""
        self.execute(
            f"CREATE INDEX IF NOT EXISTS {quoted(f'i_{root}_{column}')}"
            f" ON {quoted('r_' + root)} ({quoted(column)} COLLATE NOCASE){some}"
        )
