"""The SQL tables behind the roots of the dictionary, made and widened as they are touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from sandtable.core.schema.dictionary import Dictionary

MANY_CLASSES = 25  # so few records are of one class that finding them by class pays


class StoreError(Exception):
    """The store of an instance cannot be used; the text says why and what to do."""


@dataclass(slots=True)
class PhysicalTable:
    """What the database has of one root: its columns in order, and the dictionary state they were checked against."""

    columns: tuple[str, ...]
    select: str
    known: frozenset[str]
    checked: object = field(default=None)


class Tables(Protocol):
    """What makes tables in a database. Each root table R is the SQL table ``r_R``, as the store describes it."""

    @property
    def column_limit(self) -> int:
        """How many columns a table may have."""

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """Return the roots that have a table, each with its columns apart from `_seq` and `_table`."""

    def create_table(self, root: str, columns: Iterable[str], *, by_class: bool) -> None:
        """Make the table of a root; `by_class` with an index of classes."""

    def add_column(self, root: str, column: str) -> None:
        """Add a column to the table of a root."""

    def add_index(self, root: str, column: str, *, partial: bool) -> None:
        """Make the index of a column, unless there is one; a `partial` one is of the rows that have a value."""


class PhysicalSchema:
    """Keeps the SQL tables of one database in line with a dictionary."""

    def __init__(self, database: Tables, dictionary: Dictionary) -> None:
        self._db = database
        self._dictionary = dictionary
        self._tables: dict[str, PhysicalTable] = {}
        self.read()

    def read(self) -> None:
        """Learn which tables the database has."""
        self._tables = {root: _described(root, columns) for root, columns in self._db.tables().items()}

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
        known = self._dictionary.has(root)
        by_class = known and len(self._dictionary.descendants(root)) > MANY_CLASSES
        self._db.create_table(root, wanted, by_class=by_class)
        if known:
            self._index(root, self._dictionary.indexed(root))
        return _described(root, tuple(wanted))

    def _widen(self, root: str, table: PhysicalTable, missing: list[str]) -> PhysicalTable:
        limit = self._db.column_limit
        if len(table.columns) + len(missing) > limit:
            raise StoreError(f"{root} and the tables that extend it would have more than {limit} columns")
        for each in missing:
            self._db.add_column(root, each)
        self._index(root, [each for each in self._dictionary.indexed(root) if each in missing])
        return _described(root, (*table.columns, *missing))

    def _index(self, root: str, elements: Iterable[str]) -> None:
        own = self._dictionary.table(root).columns if self._dictionary.has(root) else {}
        for element in elements:
            # A column that only some classes have is empty in the rows of all others: those need no place in its index.
            self._db.add_index(root, element, partial=element not in own)


# A name depends on nothing but itself, and the same few thousand are asked for all the time.
@lru_cache(maxsize=8_192)
def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _described(root: str, columns: tuple[str, ...]) -> PhysicalTable:
    selected = ",".join(map(quoted, columns))
    select = f'SELECT "_seq", "_table", {selected} FROM {quoted("r_" + root)}'
    return PhysicalTable(columns, select, frozenset(columns))
