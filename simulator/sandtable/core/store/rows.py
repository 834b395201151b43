"""Where records are kept: one SQL table for each root of the table hierarchy, in memory or in a file.

Each root table R is the SQL table ``r_R``: ``_seq`` (order of insertion), ``_table`` (the record's class), and a text
column for each dictionary column of the hierarchy; an empty value is NULL. Tables and columns are made when they are
first touched. Whatever is written while a mark is held can be taken back: the store keeps what was there before, so
that nested transactions, snapshots and refused import rows need nothing of the database. Values are never part of SQL.
"""

from __future__ import annotations

import contextlib
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandtable.core.query import ResolvedQuery, Statement, compile_count, compile_select, fold
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.physical import PhysicalSchema, StoreError, quoted
from sandtable.core.store import data_file
from sandtable.core.store.changes import Change
from sandtable.core.store.row import Row
from sandtable.core.values.errors import InsufficientStorage

ROWS_KEPT = 20_000  # rows remembered as objects; a long run must not hold them all
STATEMENTS_KEPT = 1_000
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
        if self.path:
            # What was answered survives a killed process: the operating system has the log by then.
            execute("PRAGMA locking_mode = EXCLUSIVE")  # before the log is opened, or others may open it as well
            execute("PRAGMA journal_mode = WAL")
            execute("PRAGMA synchronous = NORMAL")
            execute("PRAGMA user_version")  # takes the lock
            self.notice = data_file.upgrade(self._db, layout)
        execute("PRAGMA temp_store = MEMORY")

    # reading ---------------------------------------------------------------------------------------------------------

    def get(self, root: str, sys_id: str) -> Row | None:
        """Return the record of a root table with that sys_id, or None."""
        row = self._rows.get((root, sys_id))
        if row is not None:
            return row
        physical = self._schema.prepare(root)
        found = self._db.execute(f'{physical.select} WHERE "sys_id" = ?', (sys_id,)).fetchone()
        return self._keep(root, physical.columns, found) if found is not None else None

    def select(self, selection: Selection) -> Iterator[Row]:
        """Yield the rows of a selection in its order."""
        root = self._dictionary.root(selection.table)
        self._schema.prepare(root)
        columns = self._columns(selection.table)
        statement = compile_select(
            selection.query,
            selection.table,
            self._dictionary,
            columns=columns,
            limit=selection.limit,
            offset=selection.offset,
        )
        # All at once: the caller may write to the same table while it walks through them.
        return iter([self._keep(root, columns, found) for found in self.execute(statement)])

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
        counted: int = self.execute(compile_count(selection.query, selection.table, self._dictionary))[0][0]
        return counted

    def execute(self, statement: Statement) -> list[tuple[Any, ...]]:
        """Return all rows of a compiled reading statement."""
        for root in statement.roots:
            self._schema.prepare(root)
        return self._db.execute(statement.sql, statement.parameters).fetchall()

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
        names = ('"_seq"', '"_table"', *map(quoted, values))
        marks = ",".join("?" * len(names))
        sql = f"INSERT INTO {quoted('r_' + root)} ({','.join(names)}) VALUES ({marks})"
        return self._db.execute(sql, (seq, table, *values.values())).lastrowid or 0

    def _change(self, root: str, before: Row, after: Row) -> None:
        changed: dict[str, str | None] = {
            name: value for name, value in after.values.items() if before.values.get(name) != value
        }
        changed |= {name: None for name in before.values if name not in after.values}
        if before.table != after.table:
            changed["_table"] = after.table
        if changed:
            self._schema.prepare(root)
            names = sorted(changed)
            sets = ",".join(f"{quoted(name)} = ?" for name in names)
            sql = f'UPDATE {quoted("r_" + root)} SET {sets} WHERE "_seq" = ?'
            self._db.execute(sql, (*(changed[name] for name in names), before.seq))

    def _remove(self, root: str, row: Row) -> None:
        self._db.execute(f'DELETE FROM {quoted("r_" + root)} WHERE "_seq" = ?', (row.seq,))
        self._rows.pop((root, row.sys_id), None)

    def _remove_many(self, root: str, ids: list[str]) -> None:
        self._db.executemany(f'DELETE FROM {quoted("r_" + root)} WHERE "sys_id" = ?', [(sys_id,) for sys_id in ids])
        for sys_id in ids:
            self._rows.pop((root, sys_id), None)

    def _wrote(self, root: str, sys_id: str, before: Row | None, table: str) -> None:
        versions = self._versions
        names = self._lineage(table, root)
        if before is not None and before.table != table:
            names = tuple(dict.fromkeys((*names, *self._lineage(before.table, root))))
        if self._marks:
            self._undo.append(_Undo(root, sys_id, before, tuple((name, versions.get(name, 0)) for name in names)))
        self._last_version += 1
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
        self._marks = [each for each in self._marks if each is not mark]
        if not self._marks:
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
        self._undo.clear()
        for mark in self._marks:
            mark.gone = True
        self._schema.read()
        self._versions = dict(image.versions)
        self._last_version = max([self._last_version, *self._versions.values()])
        self._loaded = image

    def close(self) -> None:
        """Close the file; what was committed stays. Raises InsufficientStorage as `commit` does, once it is closed."""
        try:
            self.commit()
        finally:
            self._closing()


def _row(columns: Sequence[str], found: tuple[Any, ...]) -> Row:
    values = {name: value for name, value in zip(columns, found[2:], strict=True) if value is not None}
    return Row(values["sys_id"], found[1], found[0], values)
