"""The SQL tables behind the roots of the dictionary, made and widened as they are touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from sandtable.core.schema.dictionary import Dictionary

MANY_CLASSES = 25  # so few records are of one class that finding them by class pays

FEW_COLUMNS = 48  # so few that all of them are made at once


class StoreError(Exception):
    """The store of an instance cannot be used; the text says why and what to do."""


@dataclass(slots=True)
class PhysicalTable:
    """What the database has of one root: its columns in order, and the dictionary state they were checked against.

    `memo` has what depends on both.
    """

    columns: tuple[str, ...]
    select: str
    known: frozenset[str]
    checked: object = field(default=None)
    memo: dict[Any, Any] = field(default_factory=dict)


class Tables(Protocol):
    """What makes tables in a database. Each root table R is the SQL table ``r_R``, as the store describes it."""

    @property
    def column_limit(self) -> int:
        """How many columns a table may have."""

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """Return the roots that have a table, each with its columns apart from `_seq` and `_table`."""

    def create_table(self, root: str, columns: Iterable[str], *, by_class: bool) -> None:
        """Make the table of a root; `by_class` with an index of classes."""

    @property
    def wants_all(self) -> bool:
        """Whether a table is to have all columns at once, because to add one keeps others from it."""

    def add_columns(self, root: str, columns: Sequence[str]) -> None:
        """Add columns to the table of a root."""

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

    def prepare(self, root: str, names: Iterable[str] = ()) -> PhysicalTable:
        """Bring the SQL table of a root in line with the dictionary, so that it has some columns.

        Of the hundreds of columns of a hierarchy most are never written to, and each that a table has takes a byte of
        every row: a large one has those that were written to or asked for, unless the database wants all at once.
        Raises StoreError where the root and what extends it have too many.
        """
        table = self._tables.get(root)
        schema = self._dictionary.schema
        if table is not None and table.checked is schema and table.known.issuperset(names):
            return table
        if table is None or self._db.wants_all or not table.known.issuperset(names):
            table = self._with(root, table, names)
        if table.checked is not schema:
            table.memo.clear()
        table.checked = schema
        self._tables[root] = table
        return table

    def _with(self, root: str, table: PhysicalTable | None, names: Iterable[str]) -> PhysicalTable:
        wanted = self._wanted(root)
        few = self._db.wants_all or len(wanted) <= FEW_COLUMNS
        asked = wanted if few else dict.fromkeys(name for name in names if name in wanted)
        if table is None:
            return self._create(root, asked)
        missing = [each for each in asked if each not in table.known]
        return self._widen(root, table, missing) if missing else table

    def _wanted(self, root: str) -> dict[str, None]:
        dictionary = self._dictionary

        def find() -> dict[str, None]:
            wanted: dict[str, None] = {"sys_id": None}
            if dictionary.has(root):
                for table in dictionary.descendants(root):
                    wanted |= dict.fromkeys(dictionary.table(table).columns)
            return wanted

        return dictionary.memo(("columns of the root", root), find)

    def _create(self, root: str, asked: Iterable[str]) -> PhysicalTable:
        known = self._dictionary.has(root)
        by_class = known and len(self._dictionary.descendants(root)) > MANY_CLASSES
        indexed = self._dictionary.indexed(root) if known else ()
        columns = tuple(dict.fromkeys(("sys_id", *indexed, *asked)))
        self._check(root, len(columns))
        self._db.create_table(root, columns, by_class=by_class)
        self._index(root, indexed)
        return _described(root, columns)

    def _widen(self, root: str, table: PhysicalTable, missing: list[str]) -> PhysicalTable:
        self._check(root, len(table.columns) + len(missing))
        self._db.add_columns(root, missing)
        if self._dictionary.has(root):
            self._index(root, [each for each in self._dictionary.indexed(root) if each in missing])
        return _described(root, (*table.columns, *missing))

    def _check(self, root: str, columns: int) -> None:
        limit = self._db.column_limit
        if columns > limit:
            raise StoreError(f"{root} and the tables that extend it would have more than {limit} columns")

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
