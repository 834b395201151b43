"""SQLite as the store uses a database: in memory or in a file, with the tables of an instance and no other."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator

from sandtable.core.query import fold
from sandtable.core.query.sql.dialect import SQLITE, Dialect
from sandtable.core.schema.physical import StoreError, quoted
from sandtable.core.store import data_file

STATEMENTS_KEPT = 1_000
STEPS_BETWEEN_LOOKS = 1_000_000  # of the database, at the clock: some hundredths of a second


class SqliteDatabase(sqlite3.Connection):
    """One connection, whose statements are the connection's own; nothing stands between it and the store."""

    error: type[Exception] | tuple[type[Exception], ...] = sqlite3.Error
    dialect: Dialect = SQLITE
    column_limit = 1_990  # what SQLite takes in one table, less what is ours

    path = ""
    notice = ""  # what was done to the file at the opening, for people

    @classmethod
    def opened(cls, path: str) -> SqliteDatabase:
        """Return a connection to a file, or (empty) to a database of its own in memory.

        Raises StoreError for a file that cannot be opened or is no store.
        """
        database = layout = None
        try:
            if path:
                data_file.prepare(path)
                layout = data_file.check(path)
            database = sqlite3.connect(
                path or ":memory:",
                isolation_level=None,
                check_same_thread=False,
                cached_statements=STATEMENTS_KEPT,
                factory=cls,
            )
            database._prepare(path, layout)
        except BaseException as error:
            if database is not None:
                database.close()
            if isinstance(error, sqlite3.Error):
                raise StoreError(f"{path} cannot be used as the data file of an instance: {error}") from None
            raise
        return database

    def _prepare(self, path: str, layout: int | None) -> None:
        execute = self.execute
        self.path = path
        self.create_function("fold", 1, fold, deterministic=True)
        execute("PRAGMA case_sensitive_like = OFF")
        if not path:
            # Nothing in memory outlives the process, and what is taken back is taken back by the store itself.
            execute("PRAGMA journal_mode = OFF")
        else:
            # What was answered survives a killed process: the operating system has the log by then.
            execute("PRAGMA locking_mode = EXCLUSIVE")  # before the log is opened, or others may open it as well
            execute("PRAGMA journal_mode = WAL")
            execute("PRAGMA synchronous = NORMAL")
            execute("PRAGMA user_version")  # takes the lock
            execute("PRAGMA secure_delete = FAST")  # what is replaced, and was not sealed, is overwritten
            self.notice = data_file.upgrade(self, layout)
        execute("PRAGMA temp_store = MEMORY")

    def look_at(self, expired: Callable[[], bool]) -> None:
        """Have it end a statement that takes long, when this says so."""
        self.set_progress_handler(lambda: int(expired()), STEPS_BETWEEN_LOOKS)

    def begin(self) -> None:
        """Begin a transaction."""
        self.execute("BEGIN")

    def commit(self) -> None:
        """Make a transaction durable."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Take a transaction back, whatever it has come to."""
        with contextlib.suppress(sqlite3.Error):
            if self.in_transaction:
                self.execute("ROLLBACK")

    def insert(self, sql: str, parameters: tuple[object, ...]) -> int:
        """Add a row; return its `_seq`."""
        return self.execute(sql, parameters).lastrowid or 0

    def was_cancelled(self, error: BaseException) -> bool:
        """Tell whether a statement failed because whoever asked has had time enough."""
        return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT

    @contextlib.contextmanager
    def traced(self, note: Callable[[str], object]) -> Iterator[None]:
        """Have each statement that runs inside the block noted, as text."""
        self.set_trace_callback(note)
        try:
            yield
        finally:
            self.set_trace_callback(None)

    def load(self, data: bytes) -> None:
        """Replace everything by what `serialize` returned."""
        # Copied in memory too: a database made straight from bytes cannot grow beyond one gigabyte.
        source = sqlite3.connect(":memory:")
        try:
            source.deserialize(data)
            source.backup(self)
        finally:
            source.close()
        if self.path:
            data_file.stamp(self)  # the header came from the image

    # tables ----------------------------------------------------------------------------------------------------------

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

    def add_column(self, root: str, column: str) -> None:
        """Add a column to the table of a root."""
        self.execute(f"ALTER TABLE {quoted('r_' + root)} ADD COLUMN {quoted(column)} TEXT")

    def add_index(self, root: str, column: str, *, partial: bool) -> None:
        """Make the index of a column, unless there is one; a `partial` one is of the rows that have a value."""
        some = f" WHERE {quoted(column)} IS NOT NULL" if partial else ""
        self.execute(
            f"CREATE INDEX IF NOT EXISTS {quoted(f'i_{root}_{column}')}"
            f" ON {quoted('r_' + root)} ({quoted(column)} COLLATE NOCASE){some}"
        )
