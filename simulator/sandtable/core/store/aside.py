"""Questions that take long, asked of a copy of the records while others go on with the records themselves.

A copy has the pages of the moment at which it was made, so that whoever asks sees one moment however long it takes.
Only a database in memory is copied for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, Any, TypeVar

from sandtable.core.values.errors import TransactionCancelled

if TYPE_CHECKING:
    from sandtable.core.query import Statement
    from sandtable.core.store.database import Cursor, Database

T = TypeVar("T")
LetGo = Callable[
    [Callable[[], "Database | None"]], AbstractContextManager[tuple["Database | None", Callable[[], bool]]]
]
Execute = Callable[[str, Sequence[Any]], "Cursor"]
Rows = list[tuple[Any, ...]]
SLOW_KEPT = 256  # statements that are known to take long


class Aside:
    """Asks the database of one store. `expired()` tells whether whoever asks has had time enough."""

    def __init__(self, database: Database, expired: Callable[[], bool]) -> None:
        self._db = database
        self._expired = expired
        # While whoever asks may let others work in the meantime: the context in which they do. It makes the copy first,
        # unless there is to be none, and has what tells that there was time enough.
        self.let_go: LetGo | None = None
        self._slow: set[str] = set()
        self._asking = self._trying = False

    def to_be_ended(self) -> bool:
        """Tell whether the statement that runs, and has run for a while, is to be ended; one that writes never is."""
        return self._asking and (self._trying or self._expired())

    def ask(self, statement: Statement, then: Callable[[Execute, Rows], T] | None = None) -> tuple[Rows, T | None]:
        """Return all rows of a reading statement, and what `then` reads of the same moment where others worked since.

        Raises TransactionCancelled.
        """
        if self.let_go is None:
            return self.at_once(statement), None
        if statement.sql not in self._slow:
            self._trying = True
            try:
                return self.at_once(statement), None
            except TransactionCancelled:
                self._note(statement.sql)
            finally:
                self._trying = False
        with self.let_go(self._db.copied) as (copy, expired):
            if copy is None:
                return self.at_once(statement), None
            with closing(copy):
                copy.look_at(expired)
                rows = self._all(copy, statement)
                return rows, then(copy.execute, rows) if then is not None else None

    def at_once(self, statement: Statement) -> Rows:
        """Return all rows of a reading statement, whoever waits meanwhile. Raises TransactionCancelled."""
        self._asking = True
        try:
            return self._all(self._db, statement)
        finally:
            self._asking = False

    def _all(self, database: Database, statement: Statement) -> Rows:
        try:
            return database.execute(statement.sql, statement.parameters).fetchall()
        except database.error as error:
            if database.was_cancelled(error):
                raise TransactionCancelled from None
            raise

    def _note(self, sql: str) -> None:
        if len(self._slow) >= SLOW_KEPT:
            self._slow.clear()
        self._slow.add(sql)
