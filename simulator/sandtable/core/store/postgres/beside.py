"""What a world has beside its records, shared by all processes: texts by kind and key, and numbers that are counted up.

Each statement stands for itself, apart from the transaction of the records that may be under way: what was received and
who is signed in is not taken back with a request that fails.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from sandtable.core.schema.physical import quoted
from sandtable.core.store.postgres.connections import Connections

NUMBERS = "number"  # the kind of what is counted up


def counting(schema: str) -> str:
    """Return the statement that counts the number named by its first parameter up from 0, and returns it."""
    table = f"{quoted(schema)}._beside"
    return (
        f"INSERT INTO {table} (kind, key, value) VALUES ('{NUMBERS}', $1, '1')"
        f" ON CONFLICT (kind, key) DO UPDATE SET value = ({table}.value::bigint + 1)::text RETURNING value"
    )


class Held:
    """One text that nobody else reads or writes for the length of a block; None for none."""

    def __init__(self, value: str | None) -> None:
        self.value = value


class Beside:
    """The texts of one world."""

    def __init__(self, connections: Connections, schema: str) -> None:
        self._connections = connections
        self._schema = schema
        self._table = f"{quoted(schema)}._beside"
        self._mine = _Gathered()
        self._doors: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()

    def _run(self, sql: str, *parameters: object) -> list[tuple[str, ...]]:
        self._settle()
        cursor = self._connections.execute(sql.encode(), parameters)
        return cursor.fetchall() if cursor.description is not None else [()] * cursor.rowcount

    def get(self, kind: str, key: str) -> str | None:
        """Return a text, or None."""
        found = self._run(f"SELECT value FROM {self._table} WHERE kind = $1 AND key = $2", kind, key)
        return found[0][0] if found else None

    def put(self, kind: str, key: str, value: str) -> None:
        """Keep a text, in the place of an earlier one."""
        self._settle()
        self._put([(kind, key, value)])

    def later(self, kind: str, key: str, value: str) -> None:
        """Keep a new text with the next that this thread keeps; at once where it does not gather."""
        if self._mine.texts is None:
            self.put(kind, key, value)
        else:
            self._mine.texts.append((kind, key, value))

    def gather(self) -> None:
        """Let what this thread keeps `later` wait until it `put`s something, or reads."""
        if self._mine.texts is None:
            self._mine.texts = []

    def put_all(self, kind: str, key: str, value: str) -> None:
        """Keep a text together with all that this thread has gathered, which gathers no more."""
        gathered, self._mine.texts = self._mine.texts or [], None
        self._put([*gathered, (kind, key, value)])

    def settle(self) -> None:
        """Keep what this thread has gathered; it gathers no more."""
        self._settle()
        self._mine.texts = None

    def _settle(self) -> None:
        if self._mine.texts:
            gathered, self._mine.texts = self._mine.texts, []
            self._put(gathered)

    def _put(self, texts: list[tuple[str, str, str]]) -> None:
        places = ",".join(f"(${number},${number + 1},${number + 2})" for number in range(1, 3 * len(texts), 3))
        sql = (
            f"INSERT INTO {self._table} (kind, key, value) VALUES {places}"
            " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value"
        )
        self._connections.execute(sql.encode(), [part for text in texts for part in text])

    def all(self, kind: str) -> list[tuple[str, str]]:
        """Return the keys and texts of a kind, in the order in which they were first kept."""
        found = self._run(f"SELECT key, value FROM {self._table} WHERE kind = $1 ORDER BY place", kind)
        return [(key, value) for key, value in found]

    def size(self, kind: str) -> int:
        """Return how many texts there are of a kind."""
        return int(self._run(f"SELECT count(*) FROM {self._table} WHERE kind = $1", kind)[0][0])

    def remove(self, kind: str, key: str) -> bool:
        """Forget a text; tell whether there was one."""
        return bool(self._run(f"DELETE FROM {self._table} WHERE kind = $1 AND key = $2", kind, key))

    def clear(self, kind: str) -> None:
        """Forget the texts of a kind."""
        self._run(f"DELETE FROM {self._table} WHERE kind = $1", kind)

    def trim(self, kind: str, most: int) -> None:
        """Forget the oldest texts of a kind beyond so many."""
        self._run(
            f"DELETE FROM {self._table} WHERE kind = $1 AND place <="
            f" (SELECT place FROM {self._table} WHERE kind = $1 ORDER BY place DESC OFFSET $2 LIMIT 1)",
            kind,
            most,
        )

    def next(self, name: str) -> int:
        """Count a number up from 0, and return it."""
        return int(self._run(counting(self._schema), name)[0][0])

    def begin_again(self, name: str) -> None:
        """Let a number count from 0 again."""
        self.remove(NUMBERS, name)

    @contextmanager
    def held(self, kind: str, key: str) -> Iterator[Held]:
        """Hold a text, which is kept at the end of the block as it is then."""
        with self.turn(f"{kind} {key}"):
            held = Held(self.get(kind, key))
            before = held.value
            yield held
            if held.value is not None and held.value != before:
                self.put(kind, key, held.value)

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Be the only process in a block of this name. What the block does it does on other connections."""
        text = f"{self._schema} {name}".replace("'", "''")
        # Those of this process wait without a connection.
        door = self._doors.setdefault(name, threading.Lock())
        with door, self._connections.holding(f"SELECT pg_advisory_xact_lock(hashtextextended('{text}', 0))"):
            yield

    def settings_changed(self) -> None:
        """Have every process read the clock, planned faults and stubs again before its next request."""
        self._run(f"UPDATE {quoted(self._schema)}._world SET settings = settings + 1")


class _Gathered(threading.local):
    """What a thread has gathered; None where it does not."""

    texts: list[tuple[str, str, str]] | None = None
