"""The seam between the store and the database that it stands on, and all that the store asks of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sandtable.core.query.sql.dialect import Dialect
from sandtable.core.schema.physical import Tables


class Cursor(Protocol):
    """What a statement returns."""

    def fetchone(self) -> Any:
        """Return the next row, or None."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows that are left."""

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that are left."""


class Database(Tables, Protocol):
    """One database of one instance. Its statements are in `dialect`, their parameters are `?`.

    A statement outside of `begin` and `commit` stands for itself. What fails raises a subclass of `error`.
    """

    @property
    def error(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What each failure of a statement is a case of."""

    @property
    def notice(self) -> str:
        """What was done to it at the opening, for people."""

    @property
    def dialect(self) -> Dialect:
        """What is said otherwise here than elsewhere."""

    @property
    def in_transaction(self) -> bool:
        """Whether there is a transaction that can still be made durable."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each of some rows of parameters."""

    def insert(self, sql: str, parameters: tuple[object, ...]) -> int:
        """Add a row; return its `_seq`."""

    def begin(self) -> object:
        """Begin a transaction."""

    def commit(self) -> None:
        """Make a transaction durable."""

    def rollback(self) -> None:
        """Take a transaction back, whatever it has come to."""

    def was_cancelled(self, error: BaseException) -> bool:
        """Tell whether a statement failed because whoever asked has had time enough."""

    def look_at(self, expired: Callable[[], bool]) -> None:
        """Have it end a statement that takes long, when this says so."""

    def traced(self, note: Callable[[str], object]) -> AbstractContextManager[None]:
        """Have each statement that runs inside the block noted, as text."""

    def copied(self) -> Database | None:
        """Return a database of its own with all that this one has, or None where that takes as long as it is large."""

    def pages(self) -> tuple[bytes, ...]:
        """Return everything as the pages of a database of SQLite, whatever this one is."""

    def load(self, pages: Sequence[bytes]) -> None:
        """Replace everything by what `pages` returned."""

    def close(self) -> None:
        """Be of no use any more."""
