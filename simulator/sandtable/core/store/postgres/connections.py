"""The connections of a process to one PostgreSQL database, kept in a pool that all its worlds share."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import psycopg
import psycopg.types.numeric
from psycopg_pool import ConnectionPool, PoolTimeout

from sandtable.core.schema.physical import StoreError
from sandtable.core.values.errors import DatabaseUnavailable

# Who holds a connection may need another for a moment: so of all there are, so many are for transactions of worlds, and
# so many threads may take turns, one within another at most. What is left is for statements that stand for themselves.
MOST_CONNECTIONS, MOST_TRANSACTIONS, MOST_TURNS = 16, 8, 2
PATIENCE = 10.0  # seconds that a request waits for the database to come back
SHORT_PATIENCE = 2.0  # of what does not begin a transaction, such as the question whether it is there
STATEMENT_SECONDS = 60
LONGEST_NAME = 63  # bytes
_OPTIONS: dict[str, Any] = {
    "autocommit": True,
    "cursor_factory": psycopg.RawCursor,
    "connect_timeout": 10,
}
_MARK = re.compile(r""""(?:[^"]|"")*"|'(?:[^']|'')*'|\?""")


class _Number(psycopg.types.numeric.NumericLoader):
    """A number as SQLite would return it: whole ones as int, others as float."""

    def load(self, data: Any) -> Any:
        found = super().load(data)
        return int(found) if found == found.to_integral_value() else float(found)


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """One connection, which knows whose world it looks at."""

    schema = ""
    counts = False  # among the transactions of worlds of which there may be so many

    def look_at(self, schema: str) -> None:
        """Let names without a schema be those of a world."""
        if self.schema != schema:
            self.execute("SELECT set_config('search_path', $1, false)", (schema,))
            self.schema = schema


def named(name: str) -> str:
    """Return the name that a table, column or index has in PostgreSQL, which would cut a longer one off."""
    if len(name.encode()) <= LONGEST_NAME:
        return name
    return name.encode()[:40].decode("utf-8", "ignore") + hashlib.sha256(name.encode()).hexdigest()[:20]


# Few texts are written all the time.
@lru_cache(maxsize=8_192)
def numbered(sql: str) -> bytes:
    """Return a statement with its `?` as PostgreSQL numbers them, and names that it takes."""
    count = 0

    def number(found: re.Match[str]) -> str:
        nonlocal count
        if found[0][0] == '"':
            return f'"{named(found[0][1:-1])}"'
        if found[0] != "?":
            return found[0]
        count += 1
        return f"${count}"

    return _MARK.sub(number, sql).encode()


class Connections:
    """A pool of connections to the database of a URL. Raises StoreError when it cannot be reached."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        # A password in a URL is nobody's business.
        self.shown = url.replace(f":{parts.password}@", ":***@") if parts.password else url
        # So that who looks at the database's connections finds the process.
        options = {**_OPTIONS, "application_name": f"sandtable-{os.getpid()}"}
        self._transactions = threading.BoundedSemaphore(MOST_TRANSACTIONS)
        self._turns = threading.BoundedSemaphore(MOST_TURNS)
        self._mine = _Held()
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            connection_class=Connection,
            kwargs=options,
            configure=_configure,
            min_size=1,
            max_size=MOST_CONNECTIONS,
            timeout=PATIENCE,
            reconnect_timeout=0,  # for as long as anybody asks
            open=False,
        )
        try:
            # Tried by hand: the pool says no more than that it waited in vain.
            Connection.connect(url, **options).close()
            self._pool.open(wait=True, timeout=PATIENCE)
        except (psycopg.Error, PoolTimeout) as error:
            self._pool.close()
            raise StoreError(f"{self.shown} cannot be used: {str(error).strip()}") from None

    def take(self, patience: float = PATIENCE) -> Connection:
        """Return a connection of one's own; give it back. Raises DatabaseUnavailable."""
        try:
            return self._pool.getconn(patience)
        except (PoolTimeout, psycopg.Error) as error:
            raise self.unavailable(error) from error

    def unavailable(self, error: Exception) -> DatabaseUnavailable:
        """Return what tells of a database that does not answer."""
        if isinstance(error, DatabaseUnavailable):
            return error
        return DatabaseUnavailable(self.shown, " ".join(str(error).split()))

    def give_back(self, connection: Connection) -> None:
        """Give a connection back; a broken one is replaced."""
        with suppress(psycopg.Error):
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE and not connection.closed:
                connection.rollback()
        self._pool.putconn(connection)

    def begun(self, schema: str, how: str) -> tuple[Connection, psycopg.Cursor[tuple[Any, ...]]]:
        """Return a connection in a new transaction, over whatever time the database takes to come back.

        With it comes what the last statement of `how` found. Raises DatabaseUnavailable.
        """
        # A database that was started again leaves connections that nobody answers: at most as many as the pool has.
        for left in reversed(range(MOST_CONNECTIONS + 1)):
            connection = self.take()
            try:
                if schema:
                    connection.look_at(schema)
                found = connection.execute(how.encode(), prepare=False)  # several statements at once cannot be
                while found.nextset():
                    pass
                return connection, found
            except psycopg.OperationalError as error:
                self.give_back(connection)
                if not left:
                    raise self.unavailable(error) from error
            except BaseException:
                self.give_back(connection)
                raise
        raise AssertionError

    def execute(self, sql: bytes, parameters: Sequence[Any] = (), schema: str = "") -> psycopg.Cursor[tuple[Any, ...]]:
        """Run one statement that stands for itself, on another connection where one turns out to be broken."""
        for left in reversed(range(MOST_CONNECTIONS + 1)):
            connection = self.take(SHORT_PATIENCE)
            try:
                if schema:
                    connection.look_at(schema)
                return connection.execute(sql, parameters)
            except psycopg.OperationalError as error:
                if not connection.broken:
                    raise
                if not left:
                    raise self.unavailable(error) from error
            finally:
                self.give_back(connection)
        raise AssertionError

    @contextmanager
    def holding(self, lock: str) -> Iterator[None]:
        """Hold what a statement locks for the length of a block. Raises DatabaseUnavailable where it cannot begin."""
        is_first = not self._mine.turns
        if is_first:
            self._reserve(self._turns)
        self._mine.turns += 1
        try:
            connection, _ = self.begun("", f"BEGIN; {lock}")
            try:
                yield
            finally:
                self.give_back(connection)  # which ends the transaction, and the lock if that was not lost before
        finally:
            self._mine.turns -= 1
            if is_first:
                self._turns.release()

    def _reserve(self, some: threading.BoundedSemaphore) -> None:
        if not some.acquire(timeout=STATEMENT_SECONDS):
            raise DatabaseUnavailable(self.shown, "all connections that this server may have are in use")

    def enter(self, schema: str, how: str) -> tuple[Connection, psycopg.Cursor[tuple[Any, ...]]]:
        """Do as `begun` for a transaction of a world, when not too many are under way; end it with `leave`."""
        # Who has a turn is one of few, and others may wait for it to end.
        counts = not self._mine.turns
        if counts:
            self._reserve(self._transactions)
        try:
            connection, found = self.begun(schema, how)
        except BaseException:
            if counts:
                self._transactions.release()
            raise
        connection.counts = counts
        return connection, found

    def leave(self, connection: Connection) -> None:
        """Give back the connection of a transaction that was entered."""
        counts, connection.counts = connection.counts, False
        self.give_back(connection)
        if counts:
            self._transactions.release()

    @contextmanager
    def transaction(self) -> Iterator[Callable[..., Any]]:
        """Yield what runs statements in one transaction of its own."""
        connection, _ = self.begun("", "BEGIN")
        try:
            yield connection.execute
            connection.execute("COMMIT")
        except psycopg.OperationalError as error:
            raise self.unavailable(error) from error
        finally:
            self.give_back(connection)

    def statistics(self) -> dict[str, int]:
        """Return how many connections there are and are free, and how many requests wait for one."""
        told = self._pool.get_stats()
        return {
            "connections": told.get("pool_size", 0),
            "free": told.get("pool_available", 0),
            "waiting": told.get("requests_waiting", 0),
        }

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class _Held(threading.local):
    """How many turns a thread has, one within another."""

    turns = 0


def _configure(connection: Connection) -> None:
    connection.adapters.register_loader("numeric", _Number)
    settings = {
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        # What is written beside the records may be lost with the database, not with a process: records say otherwise.
        "synchronous_commit": "off",
        "standard_conforming_strings": "on",
        "timezone": "UTC",
        "datestyle": "ISO",
    }
    connection.execute(";".join(f"SET {name} = '{value}'" for name, value in settings.items()))
