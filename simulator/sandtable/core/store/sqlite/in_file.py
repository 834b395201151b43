"""A database of SQLite in a file, with the tables of an instance and no other."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence

from sandtable.core.query import fold
from sandtable.core.schema.physical import StoreError
from sandtable.core.store import data_file
from sandtable.core.store.marks import split
from sandtable.core.store.sqlite.tables import STATEMENTS_KEPT, STEPS_BETWEEN_LOOKS, SqliteTables


class FileDatabase(sqlite3.Connection, SqliteTables):
    """One connection, whose statements are the connection's own; nothing stands between it and the store."""

    wants_all = True  # or a question about a column that nobody has used would write, which a full disk refuses
    error: type[Exception] | tuple[type[Exception], ...] = sqlite3.Error

    @classmethod
    def opened(cls, path: str) -> FileDatabase:
        """Return a connection to a file. Raises StoreError for one that cannot be opened or is no store."""
        database = layout = None
        try:
            data_file.prepare(path)
            layout = data_file.check(path)
            database = sqlite3.connect(
                path,
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

    def copied(self) -> None:
        """Return None: a copy takes as long as it is large."""

    def pages(self) -> tuple[bytes, ...]:
        """Return everything as the pages of a database."""
        return split(self.serialize())

    def load(self, pages: Sequence[bytes]) -> None:
        """Replace everything by pages."""
        source = sqlite3.connect(":memory:")
        try:
            source.deserialize(b"".join(pages))
            source.backup(self)
        finally:
            source.close()
        data_file.stamp(self)  # the header came from the pages
