"""A store that other processes write to as well.

A world is written by one transaction at a time: its lock is the one row of `_world`, which a transaction that writes
takes before it reads anything. So nothing that it reads can change under it, two of them cannot wait for each other,
and at READ COMMITTED it sees all that was committed before. A transaction that only reads takes no lock: at REPEATABLE
READ it sees one moment from its first to its last statement. Each begins by asking, with the lock held or at that very
moment, what others have changed since this process last looked, and forgets what it had remembered of that: so what is
remembered is never older than what is read. (LISTEN and NOTIFY would tell of it later, and not at all after a lost
connection.)

A request looks before it begins, so what is remembered is of a moment since it came. Its transaction, if it only reads,
therefore begins in the database with the first statement that it needs, often none; where others have written by then,
it is done again, since it may have read what is remembered of the moment before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandtable.core.schema.dictionary import Dictionary, DictionaryState
from sandtable.core.schema.physical import PhysicalSchema, PhysicalTable
from sandtable.core.store.marks import Image, Mark, Undo
from sandtable.core.store.postgres import layout
from sandtable.core.store.postgres.beside import Beside
from sandtable.core.store.postgres.connections import Connections
from sandtable.core.store.postgres.database import LONGEST_INDEXED, PostgresDatabase
from sandtable.core.store.row import Row
from sandtable.core.store.rows import Store
from sandtable.core.values.errors import DatabaseUnavailable, NeedsToWrite, OutcomeUnknown

CHANGES = "(SELECT json_agg(changes::json ORDER BY generation) FROM _log WHERE generation > ?)"
LOOK = f"SELECT generation, settings, {CHANGES} FROM _world"
SETTINGS, EVERYTHING = "settings", "everything"  # topics, beside those that are told
ROWS_TOLD = 200  # changed rows of a transaction that are named one by one
LOG_KEPT = 2_000  # transactions; who has not looked for longer forgets everything
BETWEEN_TRIMS = 200
WORKER_BITS = 40  # of a version number that count the writes of one worker


class SharedStore(Store):
    """The records of one world in PostgreSQL. Raises StoreError for a database that cannot be used."""

    shared = True

    def __init__(
        self, dictionary: Dictionary, connections: Connections, world: str, *, own_connections: bool = True
    ) -> None:
        self.connections = connections
        self._own_connections = own_connections
        schema = self.place = layout.schema_of(connections, world)
        database = PostgresDatabase(connections, schema)
        super().__init__(dictionary, connections.shown, database)
        self._postgres = database
        database.before_tables = self._before_tables
        self._schema = _SharedSchema(self, dictionary)
        # No two workers ever give the same version to two contents.
        self._last_version = layout.worker_number(connections) << WORKER_BITS
        self._writing = self._made_tables = self._everything = False
        self._settings = self._inside = 0
        self._seen = 0  # the generation of the world that this process knows
        self._written: dict[str, set[str] | None] = {}  # the rows written in this transaction, None for too many
        self._names: set[str] = set()
        self._topics: set[str] = set()
        self.beside = Beside(connections, schema)
        self.renewed: Callable[[frozenset[str]], None] = lambda topics: None

    # beginning and ending --------------------------------------------------------------------------------------------

    def begin_work(self, *, reading: bool = False, looked: bool = False) -> None:
        """Begin a transaction: take the right to write, or for `reading` alone a moment. Raises DatabaseUnavailable.

        One for `reading` of somebody who has `looked` begins where it is first needed; NeedsToWrite is raised there
        when it is to be done again.
        """
        if self._begun:
            return
        if reading and looked:
            self._begun = True
            self._began_at, self._inside = len(self._undo), len(self._marks)
            self._postgres.begins = self._begin_reading
        else:
            self._begin_now(reading=reading)

    def _begin_reading(self) -> None:
        seen, marks = self._seen, self._marks[self._inside :]
        self._begin_now(reading=True)
        if self._seen != seen:
            for mark in marks:  # its own, with which it ends
                mark.position, mark.gone = 0, False
            raise NeedsToWrite

    def _begin_now(self, *, reading: bool) -> None:
        self._postgres.begins = None
        try:
            self._postgres.begin(reading=reading)
            self._begun, self._writing = True, not reading
            self._began_at = len(self._undo)
            self._look(self._db.execute(LOOK, (self._seen,)).fetchone())
        except BaseException as error:
            self._ended()
            self._postgres.rollback()
            if isinstance(error, self._db.error):
                raise DatabaseUnavailable(self.path, str(error).strip()) from error
            raise

    def check(self) -> None:
        """Raise DatabaseUnavailable where the database does not answer; needs no lock."""
        self.connections.execute(b"SELECT 1")

    def refresh(self) -> None:
        """Forget what others have changed since this process last looked."""
        if not self._begun:
            self._look(self._db.execute(LOOK, (self._seen,)).fetchone())

    def _begin(self) -> None:
        self._loaded = None
        if not self._begun:
            self.begin_work()
        elif not self._writing:
            raise NeedsToWrite

    def commit(self) -> None:
        """Make all writes so far durable. Raises DatabaseUnavailable when they cannot be: then they are taken back."""
        if not self._begun:
            return
        if self._postgres.begins is not None:  # it needed nothing
            self._ended()
            return
        if self._in_doubt or not self._db.in_transaction:
            self._give_up(wrote_all=True)
            raise DatabaseUnavailable(self.path, "the transaction was lost")
        try:
            seen = self._tell() if self._writing else self._seen
        except self._db.error as error:
            self._give_up(wrote_all=True)
            raise DatabaseUnavailable(self.path, str(error).strip()) from error
        try:
            self._db.commit()
        except self._db.error as error:
            self._give_up(wrote_all=True)
            raise OutcomeUnknown(str(error).strip()) from error
        self._seen = seen
        self._ended()

    def topic(self, name: str) -> None:
        """Tell the other workers, with this transaction, that something beside the records has changed."""
        self._begin()
        self._topics.add(name)

    def _ended(self) -> None:
        self._begun = self._writing = self._made_tables = self._everything = False
        self._postgres.begins = None
        self._written, self._names, self._topics = {}, set(), set()

    def _tell(self) -> int:
        """Write what this transaction has changed into the log; return the generation that it makes."""
        if not (self._written or self._topics or self._made_tables or self._everything):
            return self._seen
        told: dict[str, Any] = {"versions": {name: self._versions.get(name, 0) for name in self._names}}
        told["rows"] = {root: None if ids is None else sorted(ids) for root, ids in self._written.items()}
        told |= {"tables": self._made_tables, "all": self._everything, "topics": sorted(self._topics)}
        generation = self._seen + 1
        self._db.execute(
            "WITH moved AS (UPDATE _world SET generation = ?) INSERT INTO _log VALUES (?, ?)",
            (generation, generation, json.dumps(told)),
        )
        if not generation % BETWEEN_TRIMS:
            self._db.execute("DELETE FROM _log WHERE generation <= ?", (generation - LOG_KEPT,))
        return generation

    # what others have changed ----------------------------------------------------------------------------------------

    def _look(self, found: tuple[int, int, list[dict[str, Any]] | None] | None) -> None:
        if found is None:
            raise DatabaseUnavailable(self.path, "the world was dropped")
        generation, settings, entries = found
        if settings != self._settings:
            self._settings = settings
            self.renewed(frozenset({SETTINGS}))
        if generation == self._seen:
            return
        listed = entries or []
        if len(listed) != generation - self._seen:
            listed = [{"versions": {}, "rows": {}, "tables": True, "all": True, "topics": []}]
        self._seen = generation
        for entry in listed:
            self._take_in(entry)
        if any(entry["tables"] for entry in listed):
            self._schema.read()
        self._loaded = None
        self._moved()
        # What was written meanwhile is not in this process's own list of what could be taken back.
        for mark in self._marks:
            mark.gone = True
        self._undo.clear()
        self._began_at = 0
        topics = frozenset(topic for entry in listed for topic in entry["topics"])
        everything = any(entry["all"] for entry in listed)
        if topics or everything:
            self.renewed(topics | ({EVERYTHING} if everything else set()))

    def _take_in(self, entry: Mapping[str, Any]) -> None:
        if entry["all"]:
            self._forget_everything()
        self._versions.update(entry["versions"])
        self._forget_rows(entry["rows"])

    def _forget_rows(self, written: Mapping[str, Iterable[str] | None]) -> None:
        """Forget rows by their sys_ids below their roots, all of a root that has None, and what was counted of them."""
        for root, ids in written.items():
            of_all = [key for key in self._rows if key[0] == root] if ids is None else [(root, each) for each in ids]
            for key in of_all:
                self._rows.pop(key, None)
            self._sizes.pop(root, None)
            self._classes.forget(root)
            self._texts.forget(root)

    def _forget_everything(self) -> None:
        self._rows.clear()
        self._sizes.clear()
        self._classes.forget()
        self._texts.forget()
        self._last_version += 1
        # Each table that was ever asked for has another version than it had.
        self._versions = _Since(self._last_version)

    def is_common(self, table: str) -> bool:
        """Return False: the planner of PostgreSQL knows by itself how many rows a class has."""
        return False

    def value_counts(self, table: str, column: str) -> None:
        """Return nothing: what is counted here would be counted again after every write of another process."""

    # writing ---------------------------------------------------------------------------------------------------------

    def insert_many(self, table: str, records: Iterable[tuple[str, Mapping[str, str]]]) -> None:
        """Add many new records of one table at once; see Store."""
        super().insert_many(table, records)
        self._written[self._dictionary.root(table)] = None

    def _add(self, root: str, table: str, values: Mapping[str, str], seq: int | None) -> int:
        self._make_room(root, values)
        return super()._add(root, table, values, seq)

    def _change(self, root: str, before: Row, after: Row) -> None:
        self._make_room(root, after.values)
        super()._change(root, before, after)

    def _make_room(self, root: str, values: Mapping[str, str]) -> None:
        """Drop the indexes that cannot have these values in them; only speed is lost."""
        long = [name for name, value in values.items() if len(value) > LONGEST_INDEXED]
        if long and self._dictionary.has(root):
            for name in set(long).intersection(self._dictionary.indexed(root)):
                self._postgres.drop_index(root, name)

    def _wrote(self, root: str, sys_id: str, before: Row | None, table: str) -> None:
        super()._wrote(root, sys_id, before, table)
        self._names.update(self._lineage(table, root))
        if before is not None and before.table != table:
            self._names.update(self._lineage(before.table, root))
        self._note(root, sys_id)

    def _note(self, root: str, sys_id: str) -> None:
        ids = self._written.setdefault(root, set())
        if ids is not None:
            ids.add(sys_id)
            if len(ids) > ROWS_TOLD:
                self._written[root] = None

    def _take_back(self, undo: Undo) -> None:
        super()._take_back(undo)
        self._note(undo.root, undo.sys_id)
        self._names.update(name for name, _ in undo.versions)

    def rewind(self, mark: Mark) -> None:
        """Take back all that was written since a mark; a whole transaction at once, which costs one statement."""
        if not self._begun and len(self._undo) > mark.position:
            self.begin_work()  # which may find that the moment is gone
        self._check(mark)
        if self._begun and mark.position == self._began_at and not self._in_doubt:
            for later in self._marks:
                later.gone = later.gone or later.position > mark.position
            self._give_up(wrote_all=True)
            return
        super().rewind(mark)

    def _give_up(self, *, wrote_all: bool) -> None:
        self._db.rollback()
        if self._made_tables or self._everything:
            self._schema.read()
        if self._everything:
            self._forget_everything()
        self._forget_rows(self._written)
        self._take_back_versions()
        self._in_doubt = not wrote_all
        if wrote_all:
            self._ended()

    # everything ------------------------------------------------------------------------------------------------------

    def image(self) -> Image:
        """Return everything in the store as one value, of SQLite, as every store makes it."""
        self.commit()
        self.begin_work(reading=True)
        try:
            if self._loaded is None:
                self._loaded = Image(self._db.pages(), dict(self._versions))
            return self._loaded
        finally:
            self.commit()

    def load(self, image: Image, described: DictionaryState | None = None) -> None:  # noqa: ARG002 - nothing is sealed
        """Replace everything in the store by an image. Marks are gone."""
        self.commit()
        self.begin_work()
        self._everything = True
        try:
            self._db.load(image.pages)
        except self._db.error as error:
            self._give_up(wrote_all=True)
            raise DatabaseUnavailable(self.path, str(error).strip()) from error
        self._forget_everything()
        self._undo.clear()
        self._began_at = 0
        for mark in self._marks:
            mark.gone = True
        self._schema.read()
        self._moved()
        self._loaded = None
        self.commit()

    def _before_tables(self) -> None:
        self._begin()
        self._made_tables = True

    def close(self) -> None:
        """End what was begun; what was committed stays."""
        try:
            self.commit()
        finally:
            self._closing()
            if self._own_connections:
                self.connections.close()


class _Since(dict[str, int]):
    """Versions of which each is a certain one until it is another."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self._start = start

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, self._start)


class _SharedSchema(PhysicalSchema):
    """Makes tables in a transaction of its own where none has begun, or who reads would keep others from writing."""

    def __init__(self, store: SharedStore, dictionary: Dictionary) -> None:
        self._store = store
        super().__init__(store._postgres, dictionary)  # noqa: SLF001 - the two are one

    def prepare(self, root: str) -> PhysicalTable:
        """Bring the SQL table of a root in line with the dictionary; see PhysicalSchema."""
        table = self._tables.get(root)
        if table is not None and table.checked is self._dictionary.schema:
            return table
        wanted = self._wanted(root)
        own = not self._store._begun and (table is None or any(each not in table.known for each in wanted))  # noqa: SLF001
        if own:
            self._store.begin_work()  # which learns what others have made meanwhile
        prepared = super().prepare(root)
        if own:
            self._store.commit()
        return prepared
