"""Where records are kept: one SQL table for each root of the table hierarchy, in memory or in a file.

Each root table R is the SQL table ``r_R``: ``_seq`` (order of insertion), ``_table`` (the record's class), and a text
column for each dictionary column of the hierarchy; an empty value is NULL. Tables and columns are made when they are
first touched. Whatever is written while a mark is held can be taken back: the store keeps what was there before, so
that nested transactions, snapshots and refused import rows need nothing of the database. Values are never part of SQL.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sandtable.core.query import ResolvedQuery, Statement, compile_count, compile_select, fold
from sandtable.core.query.sql.compiling import field_at
from sandtable.core.query.sql.predicates import Among, all_of
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.physical import PhysicalSchema, StoreError, quoted
from sandtable.core.store import data_file
from sandtable.core.store.changes import Change
from sandtable.core.store.counts import ClassCounts, KnownAnswers
from sandtable.core.store.row import Row
from sandtable.core.store.texts import LARGE, TextColumns
from sandtable.core.values.errors import InsufficientStorage, TransactionCancelled

ROWS_KEPT = 20_000  # rows remembered as objects; a long run must not hold them all
STATEMENTS_KEPT = 1_000
SMALL_PAGE = 200  # rows
STEPS_BETWEEN_LOOKS = 1_000_000  # of the database, at the clock: some hundredths of a second
DEEP, ORDERS_KEPT = 1_000, 4  # rows before a page, and lists whose order is kept for the next page
BULKY = frozenset({"sys_attachment_doc"})  # roots whose rows are too large to be remembered


@dataclass(frozen=True, slots=True)
class Selection:
    """What to read: the records of a table and of all that extend it which a query matches; one page of them."""

    table: str
    query: ResolvedQuery
    limit: int | None
    offset: int


@dataclass(eq=False, slots=True)
class Mark:
    """A moment to which the store can be taken back, until it is released."""

    position: int
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """A whole store at one moment, independent of what happens afterwards."""

    data: bytes
    versions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Undo:
    """One write: the row before it (None: there was none), and the versions that its tables had."""

    root: str
    sys_id: str
    before: Row | None
    versions: tuple[tuple[str, int], ...]


class Store:
    """The records of one instance. Not thread-safe: its instance holds a lock around each use.

    Raises StoreError for a file that cannot be opened or is no store.
    """

    def __init__(self, dictionary: Dictionary, path: str = "") -> None:
        self.path = path
        self.notice = ""  # what was done to the file at the opening, for people
        self._dictionary = dictionary
        layout = None
        try:
            if path:
                data_file.prepare(path)
                layout = data_file.check(path)
            self._db = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False, cached_statements=STATEMENTS_KEPT
            )
            # An instance that nobody closed must not leave that to the interpreter, which warns of it.
            self._closing = weakref.finalize(self, self._db.close)
            self._open(layout)
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be used as the data file of an instance: {error}") from None
        self._schema = PhysicalSchema(self._db, dictionary)
        self._versions: dict[str, int] = {}
        self._last_version = 0
        self._classes = ClassCounts(self._count_classes)
        self._texts = TextColumns(self._read_texts, self._size)
        # Tells whether whoever works with the store now has had time enough; given by those who have a clock.
        self.expired: Callable[[], bool] = lambda: False
        self._answers = KnownAnswers()
        self._sizes: dict[str, int] = {}
        self._orders: dict[tuple[Any, ...], tuple[tuple[int, ...], array[int]]] = {}
        self._held: tuple[tuple[object, ...], list[Row]] | None = None
        self.generation = 0  # another number after each write, and after each that is taken back
        self._rows: dict[tuple[str, str], Row] = {}
        self._undo: list[_Undo | Callable[[], None]] = []
        self._marks: list[Mark] = []
        self._begun = self._in_doubt = False
        self._began_at = 0  # how much could be taken back when the database's transaction began
        self._loaded: Image | None = None  # what the store is still equal to

    def _open(self, layout: int | None) -> None:
        execute = self._db.execute
        self._db.create_function("fold", 1, fold, deterministic=True)
        execute("PRAGMA case_sensitive_like = OFF")
        self._db.set_progress_handler(lambda: int(self.expired()), STEPS_BETWEEN_LOOKS)
        if self.path:
            # What was answered survives a killed process: the operating system has the log by then.
            execute("PRAGMA locking_mode = EXCLUSIVE")  # before the log is opened, or others may open it as well
            execute("PRAGMA journal_mode = WAL")
            execute("PRAGMA synchronous = NORMAL")
            execute("PRAGMA user_version")  # takes the lock
            self.notice = data_file.upgrade(self._db, layout)
        execute("PRAGMA temp_store = MEMORY")

    @contextlib.contextmanager
    def traced(self, note: Callable[[str], object]) -> Iterator[None]:
        """Have each statement that the database runs inside the block noted, as text."""
        self._db.set_trace_callback(note)
        try:
            yield
        finally:
            self._db.set_trace_callback(None)

    # reading ---------------------------------------------------------------------------------------------------------

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
            sql = f'{physical.select} WHERE "sys_id" IN (SELECT value FROM json_each(?))'
            for each in self._db.execute(sql, (json.dumps(missing),)).fetchall():
                row = self._keep(root, physical.columns, each)
                found[row.sys_id] = row
        return found

    def select(self, selection: Selection) -> Iterator[Row]:
        """Yield the rows of a selection in its order."""
        root = self._dictionary.root(selection.table)
        self._schema.prepare(root)
        if selection.offset >= DEEP and selection.limit is not None and self._size(root) >= LARGE:
            return self._far_down(root, selection, selection.limit)
        if selection.limit is not None and selection.limit <= SMALL_PAGE and root not in BULKY:
            # Most rows of a small page are remembered; to read a hundred columns of each once more takes longest.
            ids = [found[2] for found in self.execute(self._statement(selection, ("sys_id",)))]
            rows = self.read_all(root, ids)
            return iter([rows[sys_id] for sys_id in ids])
        columns = self._columns(selection.table)
        # All at once: the caller may write to the same table while it walks through them.
        return iter([self._keep(root, columns, found) for found in self.execute(self._statement(selection, columns))])

    def _far_down(self, root: str, selection: Selection, limit: int) -> Iterator[Row]:
        """Yield the rows of a page far down a list: who asks for one asks for the next, so the order is kept."""
        statement = self._statement(replace(selection, limit=None, offset=0), ())
        question = (statement.sql, statement.parameters)
        stamp = tuple(map(self.version, statement.roots))
        known = self._orders.get(question)
        if known is None or known[0] != stamp:
            for each in statement.roots:
                self._schema.prepare(each)
            places = array("q", [found[0] for found in self._db.execute(statement.sql, statement.parameters)])
            while len(self._orders) >= ORDERS_KEPT:
                self._orders.pop(next(iter(self._orders)))
            known = self._orders[question] = (stamp, places)
        page = known[1][selection.offset : selection.offset + limit]
        physical = self._schema.prepare(root)
        sql = f'{physical.select} WHERE "_seq" IN (SELECT value FROM json_each(?))'
        found = {each[0]: each for each in self._db.execute(sql, (json.dumps(page.tolist()),))}
        return iter([self._keep(root, physical.columns, found[place]) for place in page])

    def _statement(self, selection: Selection, columns: tuple[str, ...]) -> Statement:
        return compile_select(
            self._texts.narrowed(selection.query, self._dictionary.root(selection.table)),
            selection.table,
            self._dictionary,
            columns=columns,
            limit=selection.limit,
            offset=selection.offset,
        )

    def holding(self, table: str, values: Mapping[str, str]) -> list[Row]:
        """Return the records of a table whose columns hold exactly these ASCII texts, letter case apart, oldest first.

        The last answer is remembered until something is written: transforms ask twice in a row.
        """
        asked = (self.generation, table, *values.items())
        if self._held is not None and self._held[0] == asked:
            return self._held[1]
        names, columns = tuple(values), self._columns(table)
        root = self._dictionary.root(table)
        statement = self._dictionary.memo(("holding", table, names), lambda: self._holding(table, names, columns))
        self._schema.prepare(root)
        given: dict[object, str] = {_mark_of(name): value for name, value in values.items()}
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
        query = ResolvedQuery(all_of(tuple(parts)))
        return compile_select(query, table, self._dictionary, columns=columns, limit=None, offset=0)

    def _columns(self, table: str) -> tuple[str, ...]:
        """Return the columns that records of a table may have values in: far fewer than the whole hierarchy has."""
        dictionary = self._dictionary

        def find() -> tuple[str, ...]:
            tables = (*dictionary.lineage(table), *dictionary.descendants(table))
            return tuple(
                dict.fromkeys(("sys_id", *(name for each in tables for name in dictionary.table(each).columns)))
            )

        return dictionary.memo(("stored columns", table), find)

    def count(self, selection: Selection) -> int:
        """Return how many rows a selection matches, whatever its limit."""
        dictionary, table, query = self._dictionary, selection.table, selection.query
        root = dictionary.root(table)
        if query.where is None or query.nothing:
            classes = self._classes.of(root)
            return 0 if query.nothing else sum(classes.get(each, 0) for each in dictionary.descendants(table))
        narrowed = self._texts.narrowed(query, root)
        counted: int = self.execute(compile_count(narrowed, table, dictionary))[0][0]
        return counted

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
        name = quoted(column)
        yield from self._db.execute(
            f'SELECT "_seq", {name} FROM {quoted("r_" + root)} WHERE {name} IS NOT NULL ORDER BY "_seq"'
        )

    def execute(self, statement: Statement) -> list[tuple[Any, ...]]:
        """Return all rows of a compiled reading statement."""
        for root in statement.roots:
            self._schema.prepare(root)
        if all(self._size(root) < LARGE for root in statement.roots):
            return self._all(statement)
        question = (statement.sql, statement.parameters)
        stamp = tuple(map(self.version, statement.roots))
        known = self._answers.get(question, stamp)
        if known is None:
            known = self._all(statement)
            self._answers.put(question, stamp, known)
        return known

    def _all(self, statement: Statement) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(statement.sql, statement.parameters).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise TransactionCancelled from None
            raise

    def check_time(self) -> None:
        """Raise TransactionCancelled when whoever works with the store has had time enough."""
        if self.expired():
            raise TransactionCancelled

    def holders(self, root: str, element: str, value: str) -> list[str]:
        """Return the sys_ids of at most two records that hold exactly this value, for unique keys."""
        self._schema.prepare(root)
        sql = f'SELECT "sys_id" FROM {quoted("r_" + root)} WHERE {quoted(element)} = ? COLLATE NOCASE LIMIT 2'
        return [sys_id for (sys_id,) in self._db.execute(sql, (value,))]

    def roots(self) -> tuple[str, ...]:
        """Return the names of the root tables that have been touched."""
        return self._schema.roots()

    def rows(self, root: str) -> Iterator[Row]:
        """Yield every row of a root table by order of insertion, without remembering them."""
        physical = self._schema.prepare(root)
        for found in self._db.execute(f'{physical.select} ORDER BY "_seq"').fetchall():
            yield _row(physical.columns, found)

    def version(self, table: str) -> int:
        """Return a number that is another after each write to a table or one that extends it.

        When the write is taken back it is the old number again.
        """
        return self._versions.get(table, 0)

    def _keep(self, root: str, columns: Sequence[str], found: tuple[Any, ...]) -> Row:
        known = self._rows.get((root, found[2]))
        if known is not None:
            return known
        row = _row(columns, found)
        if root in BULKY:
            return row
        if len(self._rows) >= ROWS_KEPT:
            self._rows.clear()
        self._rows[root, row.sys_id] = row
        return row

    # writing ---------------------------------------------------------------------------------------------------------

    def insert(self, root: str, table: str, sys_id: str, values: Mapping[str, str]) -> Row:
        """Add a record and return it; empty values are left out. The sys_id must be a new one."""
        self._schema.prepare(root)
        kept = {name: value for name, value in values.items() if value}
        kept["sys_id"] = sys_id
        self._begin()
        seq = self._add(root, table, kept, None)
        row = Row(sys_id, table, seq, kept)
        if root not in BULKY:
            self._rows[root, sys_id] = row
        self._wrote(root, sys_id, None, table)
        return row

    def insert_many(self, table: str, records: Iterable[tuple[str, Mapping[str, str]]]) -> None:
        """Add many new records of one table at once, as (sys_id, values): for filling an instance, and much faster.

        Values are stored as they are; those of unknown columns are left out.
        """
        root = self._dictionary.root(table)
        self._schema.prepare(root)
        names = ["sys_id", *(name for name in self._dictionary.columns(table) if name != "sys_id")]
        ids: list[str] = []

        def rows() -> Iterator[tuple[str | None, ...]]:
            for sys_id, values in records:
                ids.append(sys_id)
                yield (table, sys_id, *[values.get(name) or None for name in names[1:]])

        columns = ",".join(('"_table"', *map(quoted, names)))
        sql = f"INSERT INTO {quoted('r_' + root)} ({columns}) VALUES ({','.join('?' * (len(names) + 1))})"
        self._begin()
        self._db.executemany(sql, rows())
        self._sizes.pop(root, None)
        self._classes.forget(root)
        self._texts.forget(root)
        if ids:
            self.on_rewind(lambda: self._remove_many(root, ids[:-1]))
            self._wrote(root, ids[-1], None, table)

    def update(self, root: str, sys_id: str, table: str, values: Mapping[str, str]) -> Row:
        """Replace all values of a record, and its class; return it as it is now. Raises KeyError without one."""
        before = self.get(root, sys_id)
        if before is None:
            raise KeyError(sys_id)
        kept = {name: value for name, value in values.items() if value}
        kept["sys_id"] = sys_id
        row = Row(sys_id, table, before.seq, kept)
        self._begin()
        self._change(root, before, row)
        self._wrote(root, sys_id, before, table)
        self._rows[root, sys_id] = row
        return row

    def delete(self, root: str, sys_id: str) -> None:
        """Remove a record; nothing happens without one."""
        before = self.get(root, sys_id)
        if before is None:
            return
        self._begin()
        self._remove(root, before)
        self._wrote(root, sys_id, before, before.table)

    def _add(self, root: str, table: str, values: Mapping[str, str], seq: int | None) -> int:
        sql = _insert_sql(root, tuple(values))
        added = self._db.execute(sql, (seq, table, *values.values())).lastrowid or 0
        self._classes.add(root, table, 1)
        if root in self._sizes:
            self._sizes[root] = max(self._sizes[root], added)
        if self._texts:
            self._texts.wrote(root, added, values)
        return added

    def _change(self, root: str, before: Row, after: Row) -> None:
        old, new = before.values, after.values
        changed: dict[str, str | None] = {name: value for name, value in new.items() if old.get(name) != value}
        if not old.keys() <= new.keys():
            changed |= {name: None for name in old if name not in new}
        if before.table != after.table:
            changed["_table"] = after.table
        if changed:
            self._schema.prepare(root)
            self._db.execute(_update_sql(root, tuple(changed)), (*changed.values(), before.seq))
            if before.table != after.table:
                self._classes.add(root, before.table, -1)
                self._classes.add(root, after.table, 1)
            if self._texts:
                self._texts.wrote(root, before.seq, changed)

    def _remove(self, root: str, row: Row) -> None:
        self._db.execute(f'DELETE FROM {quoted("r_" + root)} WHERE "_seq" = ?', (row.seq,))
        self._rows.pop((root, row.sys_id), None)
        self._classes.add(root, row.table, -1)

    def _remove_many(self, root: str, ids: list[str]) -> None:
        self._db.executemany(f'DELETE FROM {quoted("r_" + root)} WHERE "sys_id" = ?', [(sys_id,) for sys_id in ids])
        for sys_id in ids:
            self._rows.pop((root, sys_id), None)
        self._classes.forget(root)
        self._texts.forget(root)

    def _wrote(self, root: str, sys_id: str, before: Row | None, table: str) -> None:
        versions = self._versions
        names = self._lineage(table, root)
        if before is not None and before.table != table:
            names = tuple(dict.fromkeys((*names, *self._lineage(before.table, root))))
        if self._marks:
            self._undo.append(_Undo(root, sys_id, before, tuple((name, versions.get(name, 0)) for name in names)))
        self._last_version += 1
        self.generation += 1
        for name in names:
            versions[name] = self._last_version

    def _lineage(self, table: str, root: str) -> tuple[str, ...]:
        return self._dictionary.lineage(table) if self._dictionary.has(table) else (root,)

    # taking back -----------------------------------------------------------------------------------------------------

    def mark(self) -> Mark:
        """Return the present moment, to which `rewind` goes back; hold it no longer than needed, then release it."""
        mark = Mark(len(self._undo))
        self._marks.append(mark)
        return mark

    def release(self, mark: Mark) -> None:
        """Give up a mark; what was written before the oldest one left can no longer be taken back."""
        marks = self._marks
        if marks and marks[-1] is mark:
            marks.pop()
        else:
            self._marks = marks = [each for each in marks if each is not mark]
        if not marks:
            self._undo.clear()

    def rewind(self, mark: Mark) -> None:
        """Take back all that was written since a mark. Marks that were taken since then are gone.

        Raises ValueError for a mark that is gone or released.
        """
        self._check(mark)
        for later in self._marks:
            later.gone = later.gone or later.position > mark.position
        if len(self._undo) > mark.position:
            self._begin()
        try:
            while len(self._undo) > mark.position:
                undo = self._undo[-1]
                if isinstance(undo, _Undo):
                    self._take_back(undo)
                else:
                    undo()
                self._undo.pop()
        except sqlite3.Error:
            # To take something back takes space as well; what the database gives up as a whole takes none.
            self._give_up(wrote_all=mark.position <= self._began_at)
        self._rows_checked()

    def _check(self, mark: Mark) -> None:
        if mark.gone or not any(each is mark for each in self._marks):
            raise ValueError("the moment to go back to is gone: an earlier one was restored since, or it was released")

    def changes_since(self, mark: Mark) -> list[Change]:
        """Return what has become of each record that was written since a mark, by order of its first write.

        Raises ValueError for a mark that is gone or released.
        """
        self._check(mark)
        if len(self._undo) == mark.position:
            return []
        first: dict[tuple[str, str], Row | None] = {}
        for undo in self._undo[mark.position :]:
            if isinstance(undo, _Undo):
                first.setdefault((undo.root, undo.sys_id), undo.before)
        found = [Change(before, self.get(*key)) for key, before in first.items()]
        return [each for each in found if each.before is not each.after]

    def on_rewind(self, action: Callable[[], None]) -> None:
        """Have something done when what was written up to now is taken back; for state derived from records."""
        if self._marks:
            self._undo.append(action)

    def _take_back(self, undo: _Undo) -> None:
        key = (undo.root, undo.sys_id)
        now = self.get(*key)
        if undo.before is None:
            if now is not None:
                self._remove(undo.root, now)
        else:
            if now is None:
                self._add(undo.root, undo.before.table, undo.before.values, undo.before.seq)
            else:
                self._change(undo.root, now, undo.before)
            self._rows[key] = undo.before
        self._versions.update(undo.versions)
        self.generation += 1

    def _rows_checked(self) -> None:
        if len(self._rows) > ROWS_KEPT:
            self._rows.clear()

    # transactions and images -----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._loaded = None
        if not self._begun:
            self._db.execute("BEGIN")
            self._begun = True
            self._began_at = len(self._undo)

    def commit(self) -> None:
        """Make all writes so far durable.

        Raises InsufficientStorage when they cannot be: then they are taken back, what was durable before stays, and
        the store goes on.
        """
        if not self._begun:
            return
        if self._in_doubt or not self._db.in_transaction:
            # In the middle of the transaction the database ran out of space, and some of its writes are gone.
            self._give_up(wrote_all=True)
            raise InsufficientStorage(self.path, "some of it could not be written")
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(wrote_all=True)
            raise InsufficientStorage(self.path, str(error)) from error
        self._begun = False

    def _give_up(self, *, wrote_all: bool) -> None:
        """Go back to what is durable: the database by itself, and what is derived from it by what is remembered.

        `wrote_all` says that nobody who wrote something of it goes on; else the next `commit` fails.
        """
        with contextlib.suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        self._schema.read()
        self._rows.clear()
        while len(self._undo) > self._began_at:
            undo = self._undo.pop()
            if isinstance(undo, _Undo):
                self._versions.update(undo.versions)
            else:
                undo()
        self._in_doubt = not wrote_all
        if wrote_all:
            self._begun = False

    def image(self) -> Image:
        """Return everything in the store as one value."""
        self.commit()
        if self._loaded is None:
            self._loaded = Image(self._db.serialize(), dict(self._versions))
        return self._loaded

    def load(self, image: Image) -> None:
        """Replace everything in the store by an image. Marks are gone."""
        self.commit()
        # Copied in memory too: a database made straight from bytes cannot grow beyond one gigabyte.
        source = sqlite3.connect(":memory:")
        try:
            source.deserialize(image.data)
            source.backup(self._db)
        finally:
            source.close()
        if self.path:
            data_file.stamp(self._db)  # the header came from the image
        self._rows.clear()
        self._sizes.clear()
        self._classes.forget()
        self._texts.forget()
        self._undo.clear()
        for mark in self._marks:
            mark.gone = True
        self._schema.read()
        self._versions = dict(image.versions)
        self._last_version = max([self._last_version, *self._versions.values()])
        self.generation += 1
        self._loaded = image

    def close(self) -> None:
        """Close the file; what was committed stays. Raises InsufficientStorage as `commit` does, once it is closed."""
        try:
            self.commit()
        finally:
            self._closing()


def _mark_of(name: str) -> str:
    """Return what stands for the value of a column in a statement that is kept."""
    return f"\x1f{name}"


def _row(columns: Sequence[str], found: tuple[Any, ...]) -> Row:
    values = {name: value for name, value in zip(columns, found[2:], strict=True) if value is not None}
    return Row(values["sys_id"], found[1], found[0], values)


# What is written depends on the names alone, and the same few are written all the time.
@lru_cache(maxsize=2_048)
def _insert_sql(root: str, names: tuple[str, ...]) -> str:
    listed = ",".join(('"_seq"', '"_table"', *map(quoted, names)))
    return f"INSERT INTO {quoted('r_' + root)} ({listed}) VALUES ({','.join('?' * (len(names) + 2))})"


@lru_cache(maxsize=2_048)
def _update_sql(root: str, names: tuple[str, ...]) -> str:
    sets = ",".join(f"{quoted(name)} = ?" for name in names)
    return f'UPDATE {quoted("r_" + root)} SET {sets} WHERE "_seq" = ?'
