"""Where records are kept: written, taken back and made durable, in memory or in a file.

Whatever is written while a mark is held can be taken back: the store keeps what was there before, so that nested
transactions, snapshots and refused import rows need nothing of the database.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sandtable.core.schema.dictionary import Dictionary, DictionaryState
from sandtable.core.schema.physical import StoreError, quoted
from sandtable.core.store.changes import Change
from sandtable.core.store.database import Database
from sandtable.core.store.marks import Image, Mark, Undo
from sandtable.core.store.reading import BULKY, ROWS_KEPT, Reader
from sandtable.core.store.row import AT_ONCE, BUSY, Row, insert_sql, update_sql
from sandtable.core.store.sealing.secrets import Sealing
from sandtable.core.store.sqlite.in_file import FileDatabase
from sandtable.core.store.sqlite.in_memory import MemoryDatabase
from sandtable.core.values.errors import InsufficientStorage


class Store(Reader):
    """The records of one instance. Not thread-safe: its instance holds a lock around each use.

    Raises StoreError for a file that cannot be opened or is no store.
    """

    shared = False  # whether other processes write to it as well
    connections: Any = None  # those of a shared store
    place = ""  # where in a shared database it is
    beside: Any = None  # what a shared store keeps beside the records
    renewed: Callable[[frozenset[str]], None]  # called with the topics that others have changed

    def __init__(self, dictionary: Dictionary, path: str = "", database: Database | None = None) -> None:
        database = database or (FileDatabase.opened(path) if path else MemoryDatabase())
        super().__init__(dictionary, database, path)
        self._sealing = Sealing(dictionary, path, database) if isinstance(database, FileDatabase) else None
        self._closing = weakref.finalize(self, database.close)  # or the interpreter warns of it
        database.look_at(self.aside.to_be_ended)
        self._undo: list[Undo | Callable[[], None]] = []
        self._marks: list[Mark] = []
        self._begun = self._in_doubt = False
        self._began_at = 0  # how much could be taken back when the database's transaction began
        self._loaded: Image | None = None  # what the store is still equal to

    # writing ---------------------------------------------------------------------------------------------------------

    def insert(self, root: str, table: str, sys_id: str, values: Mapping[str, str]) -> Row:
        """Add a record and return it; empty values are left out. The sys_id must be a new one."""
        kept = {**{name: value for name, value in values.items() if value}, "sys_id": sys_id}
        self._begin()
        self._schema.prepare(root, kept)
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
        known = self._dictionary.columns(table).keys() - {"sys_id"}
        ids: list[str] = []

        def rows(some: Iterable[tuple[str, Mapping[str, str]]], names: list[str]) -> Iterator[tuple[str | None, ...]]:
            for sys_id, values in some:
                yield (table, sys_id, *[values.get(name) or None for name in names])
                ids.append(sys_id)  # it is there: the next one is asked for

        self._begin()
        waiting = iter(records)
        try:
            while some := list(islice(waiting, AT_ONCE)):
                if self._sealing is not None:
                    some = [(each, self._sealing.closed(table, each, values, values)) for each, values in some]
                # Most of a hundred columns are empty in all of them.
                names = sorted(known & {name for _, values in some for name, value in values.items() if value})
                self._schema.prepare(root, names)
                self._db.executemany(insert_sql(root, ("sys_id", *names), placed=False), rows(some, names))
        finally:  # those before one that cannot be added can be taken back
            self._sizes.pop(root, None)
            self._forget_counts_of(root)
            if ids:
                self.on_rewind(lambda: self._remove_many(root, ids[:-1]))
                self._wrote(root, ids[-1], None, table)

    def update(self, root: str, sys_id: str, table: str, values: Mapping[str, str]) -> Row:
        """Replace all values of a record, and its class; return it as it is now. Raises KeyError without one."""
        before = self.get(root, sys_id)
        if before is None:
            raise KeyError(sys_id)
        kept = {**{name: value for name, value in values.items() if value}, "sys_id": sys_id}
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
        stored = values if self._sealing is None else self._sealing.closed(table, values["sys_id"], values, values)
        given = (table, *stored.values())
        added = self._db.insert(
            insert_sql(root, tuple(values), placed=seq is not None), given if seq is None else (seq, *given)
        )
        self._classes.add(root, table, 1)
        self._values.add(root, table, values, 1)
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
            self._schema.prepare(root, changed)
            stored = changed if self._sealing is None else self._sealing.closed(after.table, after.sys_id, changed, new)
            self._db.execute(update_sql(root, tuple(stored)), (*stored.values(), before.seq))
            self._values.add(root, before.table, old, -1)
            self._values.add(root, after.table, new, 1)
            if before.table != after.table:
                self._classes.add(root, before.table, -1)
                self._classes.add(root, after.table, 1)
            if self._texts:
                self._texts.wrote(root, before.seq, changed)

    def _remove(self, root: str, row: Row) -> None:
        self._db.execute(f'DELETE FROM {quoted("r_" + root)} WHERE "_seq" = ?', (row.seq,))
        self._rows.pop((root, row.sys_id), None)
        self._classes.add(root, row.table, -1)
        self._values.add(root, row.table, row.values, -1)
        if self._texts:  # its place may be given to another row
            self._texts.wrote(root, row.seq, self._schema.prepare(root).known)

    def _remove_many(self, root: str, ids: list[str]) -> None:
        if self._db.in_transaction:  # else it has given up all of it by itself
            self._db.executemany(f'DELETE FROM {quoted("r_" + root)} WHERE "sys_id" = ?', [(each,) for each in ids])
        for sys_id in ids:
            self._rows.pop((root, sys_id), None)
        self._forget_counts_of(root)

    def _forget_counts_of(self, root: str) -> None:
        for kept in (self._classes, self._values, self._texts):
            kept.forget(root)

    def _wrote(self, root: str, sys_id: str, before: Row | None, table: str) -> None:
        names = self._lineage(table, root)
        if before is not None and before.table != table:
            names = tuple(dict.fromkeys((*names, *self._lineage(before.table, root))))
        if self._marks:
            self._undo.append(Undo(root, sys_id, before, tuple((name, self._versions.get(name, 0)) for name in names)))
        self._last_version += 1
        self._versions.update(dict.fromkeys(names, self._last_version))
        self._moved(root)

    def _moved(self, root: str = "") -> None:
        """Let those who look without the lock find out: only now that the versions are others."""
        self.generation += 1
        if root not in BUSY:
            self.calm += 1

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

    def step_back(self) -> Mark | None:
        """Give up the newest mark until `step_in`, and return it; None where something was written since."""
        mark = self._marks[-1] if self._marks else None
        if self._begun or mark is None or mark.position < len(self._undo):
            return None
        self.release(mark)
        return mark

    def step_in(self, mark: Mark) -> None:
        """Take up a mark again, which stands for the present moment now."""
        mark.position, mark.gone = len(self._undo), False
        self._marks.append(mark)

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
                if isinstance(undo, Undo):
                    self._take_back(undo)
                else:
                    undo()
                self._undo.pop()
        except self._db.error:
            # To take something back takes space as well; what the database gives up as a whole takes none.
            self._give_up(wrote_all=mark.position <= self._began_at)
        if len(self._rows) > ROWS_KEPT:
            self._rows.clear()

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
            if isinstance(undo, Undo):
                first.setdefault((undo.root, undo.sys_id), undo.before)
        found = [Change(before, self.get(*key)) for key, before in first.items()]
        return [each for each in found if each.before is not each.after]

    def on_rewind(self, action: Callable[[], None]) -> None:
        """Have something done when what was written up to now is taken back; for state derived from records."""
        if self._marks:
            self._undo.append(action)

    def _take_back(self, undo: Undo) -> None:
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
        self._moved(undo.root)

    # transactions and images -----------------------------------------------------------------------------------------

    def begin_work(self, *, reading: bool = False, looked: bool = False) -> None:
        """Begin a transaction of an instance, which `commit` or `rewind` ends; one for `reading` may not write.

        `looked` says that whoever reads has just had `refresh`.

        Nothing here: SQLite begins with the first write, and nobody else writes.
        """

    def refresh(self, counted: str = "") -> int | None:  # noqa: ARG002 - nothing is kept beside the records
        """Forget what others have changed; nobody but this process does."""
        return None

    def check(self) -> None:
        """Raise DatabaseUnavailable where the database does not answer; needs no lock."""

    def topic(self, name: str) -> None:
        """Tell others that something beside the records has changed; there are none."""

    def _begin(self) -> None:
        self._loaded = None
        if not self._begun:
            self._db.begin()
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
        failures: tuple[type[Exception], ...] = (*self.errors, StoreError, InsufficientStorage)
        try:
            if self._sealing is not None and self._sealing.follow():
                self._forget_counts()
            self._db.commit()
        except failures as error:
            self._give_up(wrote_all=True)
            raise InsufficientStorage(self.path, str(error)) from error
        self._begun = False

    def _give_up(self, *, wrote_all: bool) -> None:
        """Go back to what is durable: the database by itself, and what is derived from it by what is remembered.

        `wrote_all` says that nobody who wrote something of it goes on; else the next `commit` fails.
        """
        self._db.rollback()
        self._schema.read()
        self._rows.clear()
        self._forget_counts()
        self._take_back_versions()
        self._in_doubt = not wrote_all
        self._begun = self._begun and not wrote_all

    def _take_back_versions(self) -> None:
        """Go back to the versions of the last commit, where the database itself has taken its rows back."""
        while len(self._undo) > self._began_at:
            undo = self._undo.pop()
            if isinstance(undo, Undo):
                self._versions.update(undo.versions)
            else:
                undo()
        self._moved()

    def _forget_counts(self) -> None:
        self._sizes.clear()
        self._classes.forget()
        self._values.forget()
        self._texts.forget()

    def image(self) -> Image:
        """Return everything in the store as one value."""
        self.commit()
        if self._loaded is None:
            pages = self._db.pages()
            if self._sealing is not None:
                pages = self._sealing.opened_pages(pages)
            self._loaded = Image(pages, dict(self._versions))
        return self._loaded

    def load(self, image: Image, described: DictionaryState | None = None) -> None:
        """Replace everything in the store by an image, which is `described` so. Marks are gone."""
        self.commit()
        self._db.load(image.pages if self._sealing is None else self._sealing.closed_pages(image.pages, described))
        self._rows.clear()
        self._forget_counts()
        self._undo.clear()
        for mark in self._marks:
            mark.gone = True
        self._schema.read()
        self._versions = dict(image.versions)
        self._last_version = max([self._last_version, *self._versions.values()])
        self._moved()
        self._loaded = image

    def seal_rest(self) -> None:
        """Seal what an earlier version left open in the file, now that the dictionary says what is secret.

        Raises StoreError where the key is not at hand that other secrets of the file were sealed under.
        """
        if self._sealing is not None:
            self.commit()
            self._sealing.seal_rest()

    def close(self) -> None:
        """Close the file; what was committed stays. Raises InsufficientStorage as `commit` does, once it is closed."""
        try:
            self.commit()
        finally:
            self._closing()
