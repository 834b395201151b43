"""A database of SQLite in memory whose pages are values: what is written becomes new ones, the old stay as they are.

So everything at one moment is the list of its pages, which is copied in no time, and what was made from one image has
in common whatever nobody has written to.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import apsw

from sandtable.core.query import fold
from sandtable.core.store.sqlite.tables import STATEMENTS_KEPT, STEPS_BETWEEN_LOOKS, SqliteTables

PAGE = 4_096  # bytes, where nothing was loaded yet
CACHED_KILOBYTES = 512  # of pages that are held a second time, where the database reads and writes them
FILE = "/records"


class MemoryDatabase(SqliteTables):
    """One connection to a database of its own, or to one that begins with pages of another."""

    error: type[Exception] | tuple[type[Exception], ...] = apsw.Error

    def __init__(self, pages: Sequence[bytes] = ()) -> None:
        self._expired: Callable[[], bool] | None = None
        self._open(pages)

    def _open(self, pages: Sequence[bytes]) -> None:
        self._files = _Pages(pages)
        connection = self._connection = apsw.Connection(
            FILE,
            flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE,
            vfs=self._files.name,
            statementcachesize=STATEMENTS_KEPT,
        )
        # Nothing stands between a statement and the database.
        execute = self.execute = connection.execute
        self.executemany = connection.executemany
        connection.create_scalar_function("fold", cast("Any", fold), 1, deterministic=True)  # it is given texts alone
        # Nobody else has these pages, nothing of them outlives the process, and what is to be taken back is taken back
        # by the store itself.
        for setting in ("locking_mode = EXCLUSIVE", "journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY"):
            execute(f"PRAGMA {setting}")
        execute(f"PRAGMA cache_size = -{CACHED_KILOBYTES}")
        if self._expired is not None:
            self.look_at(self._expired)

    def look_at(self, expired: Callable[[], bool]) -> None:
        """Have it end a statement that takes long, when this says so."""
        self._expired = expired
        self._connection.set_progress_handler(expired, STEPS_BETWEEN_LOOKS)

    # A transaction would copy each page that it wrote at its end. What is written outlives nothing that it could be
    # lost by, so one transaction lasts until somebody asks for the pages.

    def begin(self) -> None:
        """Begin a transaction, or go on with the one that there is."""
        if not self._connection.in_transaction:
            self.execute("BEGIN")

    def commit(self) -> None:
        """Do nothing: whoever asks sees what is written."""

    @property
    def in_transaction(self) -> bool:
        """Whether there is a transaction that can still be made durable."""
        return self._connection.in_transaction

    def rollback(self) -> None:
        """Do nothing: the store itself takes back what is to be taken back."""

    def insert(self, sql: str, parameters: tuple[object, ...]) -> int:
        """Add a row; return its `_seq`."""
        self.execute(sql, parameters)
        return self._connection.last_insert_rowid()

    def was_cancelled(self, error: BaseException) -> bool:
        """Tell whether a statement failed because whoever asked has had time enough."""
        return isinstance(error, apsw.InterruptError)

    @contextlib.contextmanager
    def traced(self, note: Callable[[str], object]) -> Iterator[None]:
        """Have each statement that runs inside the block noted, as text."""

        def told(cursor: apsw.Cursor, sql: str, parameters: object) -> bool:  # noqa: ARG001 - called by the library
            note(cursor.expanded_sql)
            return True

        before, self._connection.exec_trace = self._connection.exec_trace, told
        try:
            yield
        finally:
            self._connection.exec_trace = before

    def pages(self) -> tuple[bytes, ...]:
        """Return everything as the pages of a database; nothing is copied."""
        if self._connection.in_transaction:
            self.execute("COMMIT")
        return tuple(self._files.pages)

    def load(self, pages: Sequence[bytes]) -> None:
        """Replace everything by pages."""
        self.close()
        self._open(pages)

    def close(self) -> None:
        """Be of no use any more."""
        self._connection.close(True)
        self._files.pages.clear()


class _Pages(apsw.VFS):
    """The file system of one connection, with one file: the pages of its database, by their place."""

    def __init__(self, pages: Sequence[bytes]) -> None:
        self.pages = list(pages)
        self.name = f"sandtable-{id(self):x}"
        super().__init__(self.name, "")

    def xOpen(self, name: object, flags: list[int]) -> Any:  # noqa: N802, ARG002 - called by SQLite
        """Open the one file."""
        return _File(self.pages)

    def xAccess(self, path: str, flags: int) -> bool:  # noqa: N802, ARG002
        """Tell that there is no file beside it."""
        return False

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        """Return the name as it is."""
        return name


class _File:
    """The pages of a database as SQLite reads and writes a file."""

    def __init__(self, pages: list[bytes]) -> None:
        self._pages = pages
        self._size = len(pages[0]) if pages else PAGE

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        """Return a page, or the piece of one that tells what kind of database it is."""
        number, start = divmod(offset, self._size)
        try:
            page = self._pages[number]
        except IndexError:
            return b""
        return page if amount == self._size and not start else page[start : start + amount]

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        """Put a page into its place."""
        number = offset // self._size
        pages = self._pages
        if number < len(pages):
            pages[number] = data
            return
        # Pages come in any order; what was passed over is written before the transaction ends, or never used.
        pages.extend([bytes(self._size)] * (number - len(pages)))
        pages.append(data)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        """Keep no more than so many bytes."""
        del self._pages[size // self._size :]

    def xFileSize(self) -> int:  # noqa: N802
        """Return the number of bytes."""
        return len(self._pages) * self._size

    def xSync(self, flags: int) -> None:  # noqa: N802
        """Do nothing: there is no disk."""

    def xLock(self, level: int) -> None:  # noqa: N802
        """Do nothing: nobody else has this file."""

    def xUnlock(self, level: int) -> None:  # noqa: N802
        """Do nothing: nobody else has this file."""

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        """Tell that nobody else is about to write."""
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        """Return how much is written at a time."""
        return self._size

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        """Promise nothing."""
        return 0

    def xFileControl(self, op: int, pointer: int) -> bool:  # noqa: N802, ARG002
        """Know no further requests."""
        return False

    def xClose(self) -> None:  # noqa: N802
        """Let go of the pages."""
        self._pages = []
