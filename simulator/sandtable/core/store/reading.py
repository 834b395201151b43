"""Reading what a store holds: by sys_id, by selection, by value, in counts; and what of it is remembered.

Each root table R is the SQL table ``r_R``: ``_seq`` (order of insertion), ``_table`` (the record's class), and a text
column for each dictionary column of the hierarchy; an empty value is NULL. Tables and columns are made when they are
first written to or asked for. Values are never part of SQL.
"""

from __future__ import annotations

import contextlib
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sandtable.core.query import ResolvedQuery, Statement, compile_count, compile_select
from sandtable.core.query.sql.compiling import field_at
from sandtable.core.query.sql.predicates import Among, all_of
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.physical import MANY_CLASSES, PhysicalSchema, PhysicalTable, quoted
from sandtable.core.store.aside import Aside, Execute, Rows
from sandtable.core.store.counts import COUNTED, ClassCounts, KnownAnswers, ValueCounts
from sandtable.core.store.database import Database
from sandtable.core.store.row import Row, Selection
from sandtable.core.store.sealing.secrets import Sealing
from sandtable.core.store.texts import LARGE, TextColumns
from sandtable.core.values.errors import TransactionCancelled

T = TypeVar("T")
_mark_of = "\x1fVALUE {}".format  # stands for a column's value in a kept statement, lowered where the dialect lowers it
ROWS_KEPT = 20_000  # rows remembered as objects; a long run must not hold them all
SMALL_PAGE = 200  # rows
DEEP, ORDERS_KEPT = 1_000, 4  # rows before a page, and lists whose order is kept for the next page
BULKY = frozenset({"sys_attachment_doc"})  # roots whose rows are too large to be remembered


class Reader:
    """The records of one instance, for reading."""

    def __init__(self, dictionary: Dictionary, database: Database, path: str = "") -> None:
        self.path = path
        self._dictionary = dictionary
        self._db = database
        self.dialect = database.dialect
        self.notice = database.notice
        # What a failure of the database is a case of.
        self.errors: tuple[type[Exception], ...] = (
            database.error if isinstance(database.error, tuple) else (database.error,)
        )
        self._schema = PhysicalSchema(self._db, dictionary)
        self._sealing: Sealing | None = None  # where the database is in a file
        self.was_empty = not self._schema.roots()  # at the opening
        self._versions: dict[str, int] = {}
        self._last_version = 0
        self._classes = ClassCounts(self._count_classes)
        self._values = ValueCounts(self._read_values)
        self._texts = TextColumns(self._read_texts, self._size)
        me = weakref.ref(self)  # or the database would keep its store for ever
        self.aside = Aside(database, lambda: (store := me()) is not None and store.expired())
        # Tells whether whoever works with the store now has had time enough; given by those who have a clock.
        self.expired: Callable[[], bool] = lambda: False
        self._answers = KnownAnswers()
        self._sizes: dict[str, int] = {}
        self._orders: dict[tuple[Any, ...], tuple[tuple[int, ...], array[int]]] = {}
        self._held: tuple[tuple[object, ...], list[Row]] | None = None
        self.generation = 0  # another number after each write, and after each that is taken back
        self.era = 0  # another number where versions stand for other contents
        self.calm = 0  # the same, not counting writes to the tables of BUSY
        self._rows: dict[tuple[str, str], Row] = {}

    def traced(self, note: Callable[[str], object]) -> contextlib.AbstractContextManager[None]:
        """Have each statement that the database runs inside the block noted, as text."""
        return self._db.traced(note)

    def get(self, root: str, sys_id: str) -> Row | None:
        """Return the record of a root table with that sys_id, or None."""
        row = self._rows.get((root, sys_id))
        if row is not None:
            return row
        physical = self._schema.prepare(root)
        found = self._db.execute(f'{physical.select} WHERE "sys_id" = ?', (sys_id,)).fetchone()
        return self._keep(root, physical.columns, found) if found is not None else None

    def exists(self, root: str, sys_id: str) -> bool:
        """Tell whether a root table has a record with that sys_id."""
        if (root, sys_id) in self._rows:
            return True
        self._schema.prepare(root)
        sql = f'SELECT 1 FROM {quoted("r_" + root)} WHERE "sys_id" = ?'
        return self._db.execute(sql, (sys_id,)).fetchone() is not None

    def read_all(self, root: str, ids: Sequence[str]) -> dict[str, Row]:
        """Return the records of a root table that have these sys_ids, by sys_id."""
        found: dict[str, Row] = {}
        missing = []
        for sys_id in ids:
            row = self._rows.get((root, sys_id))
            if row is None:
                missing.append(sys_id)
            else:
                found[sys_id] = row
        if missing:
            physical = self._schema.prepare(root)
            listed = self.dialect.listed(missing)
            sql = f'{physical.select} WHERE "sys_id" IN {listed.text}'
            for each in self._db.execute(sql, listed.parameters).fetchall():
                row = self._keep(root, physical.columns, each)
                found[row.sys_id] = row
        return found

    def select(self, selection: Selection) -> Iterator[Row]:
        """Yield the rows of a selection in its order."""
        root = self._dictionary.root(selection.table)
        self._schema.prepare(root)
        # Rows in the order of insertion are passed over without being looked at.
        in_order = selection.query.where is None and not selection.query.order
        if selection.offset >= DEEP and selection.limit is not None and not in_order and self._size(root) >= LARGE:
            return self._far_down(root, selection, selection.limit)
        if selection.limit is not None and selection.limit <= SMALL_PAGE and root not in BULKY:
            # Most rows of a small page are remembered; to read a hundred columns of each once more takes longest.
            places, rows = self._execute(self._statement(selection, ("sys_id",)), self._places_of(root))
            return iter(rows if rows is not None else self._rows_of(root, [found[2] for found in places]))
        columns = self._columns(selection.table)
        # All at once: the caller may write to the same table while it walks through them.
        generation = self.generation
        read = self.execute(self._statement(selection, columns))
        if self.generation != generation:
            return iter([self._row(root, columns, found) for found in read])
        return iter([self._keep(root, columns, found) for found in read])

    def _rows_of(self, root: str, ids: list[str]) -> list[Row]:
        rows = self.read_all(root, ids)
        return [rows[sys_id] for sys_id in ids]

    def _places_of(self, root: str) -> Callable[[Execute, Rows], list[Row]]:
        """Return what reads the rows of a page, of which the places are known, as they were."""
        physical = self._schema.prepare(root)
        return lambda execute, found: [
            self._row(root, physical.columns, each) for each in self._at(physical, [row[0] for row in found], execute)
        ]

    def _at(self, physical: PhysicalTable, places: list[int], execute: Execute) -> Rows:
        """Return what the database has at some places, in their order."""
        listed = self.dialect.listed(places)
        sql = f'{physical.select} WHERE "_seq" IN {listed.text}'
        found = {each[0]: each for each in execute(sql, listed.parameters)}
        return [found[place] for place in places]

    def _far_down(self, root: str, selection: Selection, limit: int) -> Iterator[Row]:
        """Yield the rows of a page far down a list: who asks for one asks for the next, so the order is kept."""
        statement = self._statement(replace(selection, limit=None, offset=0), ())
        question = (statement.sql, statement.parameters)
        stamp = self._stamp(statement)
        known = self._orders.get(question)
        page = slice(selection.offset, selection.offset + limit)
        if known is None or known[0] != stamp:
            for each, names in statement.roots.items():
                self._schema.prepare(each, names)
            read = self._places_of(root)
            generation = self.generation
            found, rows = self.aside.ask(statement, lambda execute, places: read(execute, places[page]))
            while len(self._orders) >= ORDERS_KEPT:
                self._orders.pop(next(iter(self._orders)))
            known = self._orders[question] = (stamp, array("q", [each[0] for each in found]))
            if rows is not None and self.generation != generation:
                return iter(rows)
        return iter(self._kept_rows(root, known[1][page].tolist()))

    def _stamp(self, statement: Statement) -> tuple[int, ...]:
        return (self.era, *map(self.version, statement.roots))

    def _kept_rows(self, root: str, places: list[int]) -> list[Row]:
        physical = self._schema.prepare(root)
        return [self._keep(root, physical.columns, each) for each in self._at(physical, places, self._db.execute)]

    def _statement(self, asked: Selection, columns: tuple[str, ...]) -> Statement:
        query = self._texts.narrowed(asked.query, self._dictionary.root(asked.table))
        return self._compiled(query, asked.table, columns, asked.limit, asked.offset)

    def _compiled(
        self, query: ResolvedQuery, table: str, columns: tuple[str, ...], limit: int | None = None, offset: int = 0
    ) -> Statement:
        page: dict[str, Any] = {"columns": columns, "limit": limit, "offset": offset}
        return compile_select(query, table, self._dictionary, **page, is_common=self.is_common, dialect=self.dialect)

    def is_common(self, table: str) -> bool:
        """Tell whether at least every fourth row of a table's root is of the table or of one that extends it."""
        dictionary = self._dictionary
        root = dictionary.root(table)
        if len(dictionary.descendants(root)) <= MANY_CLASSES:
            return False  # there is no index by class to be searched
        classes = self._classes.of(root)
        own = dictionary.memo(("classes of", table), lambda: frozenset(dictionary.descendants(table)))
        return sum(rows for name, rows in classes.items() if name in own) * 4 >= sum(classes.values())

    def holding(self, table: str, values: Mapping[str, str]) -> list[Row]:
        """Return the records of a table whose columns hold exactly these ASCII texts, letter case apart, oldest first.

        The last answer is remembered until something is written: transforms ask twice in a row.
        """
        asked = (self.generation, table, *values.items())
        if self._held is not None and self._held[0] == asked:
            return self._held[1]
        names, root, common = tuple(values), self._dictionary.root(table), self.is_common(table)
        physical = self._schema.prepare(root, names)
        columns, key = self._columns(table), ("holding", table, names, common)
        statement = physical.memo.get(key)
        if statement is None:
            statement = physical.memo[key] = self._holding(table, names, columns)
        pairs = [(_mark_of(name), value) for name, value in values.items()]
        given: dict[object, str] = {form(mark): form(value) for mark, value in pairs for form in (str, str.lower)}
        parameters = [given.get(each, each) for each in statement.parameters]
        found = [self._keep(root, columns, row) for row in self._db.execute(statement.sql, parameters)]
        self._held = (asked, found)
        return found

    def _holding(self, table: str, names: tuple[str, ...], columns: tuple[str, ...]) -> Statement:
        parts = []
        for name in names:
            field = field_at(self._dictionary, table, name)
            assert field is not None, f"{table} has no column {name}"
            parts.append(Among(field, (_mark_of(name),)))
        return self._compiled(ResolvedQuery(all_of(tuple(parts))), table, columns)

    def _columns(self, table: str) -> tuple[str, ...]:
        """Return the columns that records of a table have values in: far fewer than the whole hierarchy has."""
        dictionary = self._dictionary
        physical = self._schema.prepare(dictionary.root(table))
        columns: tuple[str, ...] | None = physical.memo.get(("columns", table))
        if columns is None:
            tables = (*dictionary.lineage(table), *dictionary.descendants(table))
            own = {name for each in tables for name in dictionary.table(each).columns} | {"sys_id"}
            columns = physical.memo["columns", table] = tuple(name for name in physical.columns if name in own)
        return columns

    def count(self, selection: Selection) -> int:
        """Return how many rows a selection matches, whatever its limit."""
        dictionary, table, query = self._dictionary, selection.table, selection.query
        root = dictionary.root(table)
        if query.where is None or query.nothing:
            classes = self._classes.of(root)
            return 0 if query.nothing else sum(classes.get(each, 0) for each in dictionary.descendants(table))
        known = self._counted_by_value(table, root, query)
        if known is not None:
            return known
        narrowed = self._texts.narrowed(query, root)
        counted: int = self.execute(compile_count(narrowed, table, dictionary, self.is_common, self.dialect))[0][0]
        return counted

    def _counted_by_value(self, table: str, root: str, query: ResolvedQuery) -> int | None:
        """Return how many rows have one of some values in a column, where the rows are counted by its values."""
        asked = query.where
        if not isinstance(asked, Among) or asked.negated or asked.field.hops or asked.field.is_identity:
            return None
        if not all(value.isascii() and value for value in asked.values):
            return None
        counts = self.value_counts(table, asked.field.name)
        if counts is None:
            return None
        wanted = {value.lower() for value in asked.values}
        return sum(
            rows for value, rows in counts.items() if value is not None and value.isascii() and value.lower() in wanted
        )

    def value_counts(self, table: str, column: str) -> Mapping[str | None, int] | None:
        """Return how many rows of a table have each value of a column; None in a small one, and for too many values.

        Counted once, and kept as rows come and go.
        """
        root = self._dictionary.root(table)
        sealed = self._sealing is not None and self._sealing.may_seal(root, column)
        counts = self._values.of(root, column) if self._size(root) >= COUNTED and not sealed else None
        if counts is None:
            return None
        own = frozenset(self._dictionary.descendants(table))
        found: dict[str | None, int] = {}
        for (name, value), rows in counts.items():
            if name in own:
                found[value] = found.get(value, 0) + rows
        return found

    def _read_values(self, root: str, column: str) -> Iterable[tuple[str, str | None]]:
        self._schema.prepare(root, (column,))
        return self._db.execute(f'SELECT "_table", {quoted(column)} FROM {quoted("r_" + root)}')

    def _count_classes(self, root: str) -> dict[str, int]:
        self._schema.prepare(root)
        return dict(self._db.execute(f'SELECT "_table", COUNT(*) FROM {quoted("r_" + root)} GROUP BY "_table"'))

    def _size(self, root: str) -> int:
        """Return about how many rows a root table has: as many as were ever added."""
        known = self._sizes.get(root)
        if known is None:
            self._schema.prepare(root)
            known = self._db.execute(f'SELECT MAX("_seq") FROM {quoted("r_" + root)}').fetchone()[0] or 0
            self._sizes[root] = known
        return known

    def _read_texts(self, root: str, column: str) -> Iterator[tuple[int, str]]:
        self._schema.prepare(root, (column,))
        name = quoted(column)
        yield from self._db.execute(
            f'SELECT "_seq", {name} FROM {quoted("r_" + root)} WHERE {name} IS NOT NULL ORDER BY "_seq"'
        )

    def execute(self, statement: Statement) -> list[tuple[Any, ...]]:
        """Return all rows of a compiled reading statement."""
        return self._execute(statement)[0]

    def _execute(self, statement: Statement, then: Callable[[Execute, Rows], T] | None = None) -> tuple[Rows, T | None]:
        """Return all rows of a statement, and what `then` reads of the same moment where others have written since."""
        for root, names in statement.roots.items():
            self._schema.prepare(root, names)
        if all(self._size(root) < LARGE for root in statement.roots):
            return self.aside.at_once(statement), None
        question = (statement.sql, statement.parameters)
        stamp = self._stamp(statement)
        known = self._answers.get(question, stamp)
        if known is not None:
            return known, None
        generation = self.generation
        rows, more = self.aside.ask(statement, then)
        self._answers.put(question, stamp, rows)
        return rows, more if self.generation != generation else None

    def check_time(self) -> None:
        """Raise TransactionCancelled when whoever works with the store has had time enough."""
        if self.expired():
            raise TransactionCancelled

    def holders(self, root: str, element: str, value: str) -> list[str]:
        """Return the sys_ids of at most two records that hold exactly this value, for unique keys."""
        self._schema.prepare(root, (element,))
        test = self.dialect.same(quoted(element), "?")
        sql = f'SELECT "sys_id" FROM {quoted("r_" + root)} WHERE {test} LIMIT 2'
        return [sys_id for (sys_id,) in self._db.execute(sql, (value,))]

    def expect(self, root: str, names: Iterable[str]) -> None:
        """Make some columns of a root table, which one after the other takes longer."""
        self._schema.prepare(root, names)

    def roots(self) -> tuple[str, ...]:
        """Return the names of the root tables that have been touched."""
        return self._schema.roots()

    def rows(self, root: str) -> Iterator[Row]:
        """Yield every row of a root table by order of insertion, without remembering them."""
        physical = self._schema.prepare(root)
        for found in self._db.execute(f'{physical.select} ORDER BY "_seq"').fetchall():
            yield self._row(root, physical.columns, found)

    def of_class(self, table: str) -> Iterator[Row]:
        """Yield every row of exactly one table by order of insertion, without remembering them.

        Only its own columns are read: the rows of a root have hundreds that other classes use.
        """
        root, columns = self._dictionary.root(table), self._columns(table)
        self._schema.prepare(root)
        listed = ",".join(map(quoted, columns))
        sql = f'SELECT "_seq","_table",{listed} FROM {quoted("r_" + root)} WHERE "_table" = ? ORDER BY "_seq"'
        for found in self._db.execute(sql, (table,)).fetchall():
            yield self._row(root, columns, found)

    def texts_of(self, table: str, names: Sequence[str]) -> Rows:
        """Return some columns of every row of exactly one table, by order of insertion; for ones that nothing seals."""
        root = self._dictionary.root(table)
        known = self._schema.prepare(root).known
        listed = ",".join(f"coalesce({quoted(name)},'')" if name in known else "''" for name in names)
        sql = f'SELECT {listed} FROM {quoted("r_" + root)} WHERE "_table" = ? ORDER BY "_seq"'
        return list(self._db.execute(sql, (table,)).fetchall())

    def version(self, table: str) -> int:
        """Return a number that is another after each write to a table or one that extends it.

        When the write is taken back it is the old number again.
        """
        return self._versions.get(table, 0)

    def stamp(self, tables: Iterable[str]) -> tuple[int | None, ...]:
        """Return the versions of several tables, for comparing with those of another moment."""
        return tuple(map(self._versions.get, tables))

    def _keep(self, root: str, columns: Sequence[str], found: tuple[Any, ...]) -> Row:
        known = self._rows.get((root, found[2]))
        if known is not None:
            return known
        row = self._row(root, columns, found)
        if root in BULKY:
            return row
        if len(self._rows) >= ROWS_KEPT:
            self._rows.clear()
        self._rows[root, row.sys_id] = row
        return row

    def _row(self, root: str, columns: Sequence[str], found: tuple[Any, ...]) -> Row:
        values = {name: value for name, value in zip(columns, found[2:], strict=True) if value is not None}
        row = Row(values["sys_id"], found[1], found[0], values)
        return row if self._sealing is None else self._sealing.opened(root, row)
