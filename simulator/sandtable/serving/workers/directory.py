"""Which world lives in which process, and how the processes are: one small file that all of them read."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from ctypes import c_uint64
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import Any

FILE = "worlds.sqlite"
BUSY_SECONDS = 10.0
LOST_SHOWN = 100  # names of lost worlds that are remembered
_TABLES = """
CREATE TABLE IF NOT EXISTS world (key TEXT PRIMARY KEY, name TEXT, worker INTEGER, settled INTEGER);
CREATE TABLE IF NOT EXISTS worker (
  number INTEGER PRIMARY KEY, pid INTEGER, is_up INTEGER, restarts INTEGER, why TEXT, lost TEXT
);
CREATE TABLE IF NOT EXISTS given (last INTEGER);
"""


class Taken(Exception):
    """A world of that name is there, or is being made."""


@dataclass(frozen=True, slots=True)
class WorkerState:
    """How one process is: `why` it last ended, and the worlds that were `lost` with it since the server started."""

    number: int
    pid: int
    is_up: bool
    restarts: int
    why: str
    lost: tuple[str, ...]


class Directory:
    """The worlds by name, the default apart, each with the number of its process.

    Each process opens the file for itself, after it was forked. `changes` is memory that all of them share: it counts
    what was written, so that a look-up asks the file only after somebody wrote.
    """

    def __init__(self, folder: Path, changes: Any) -> None:
        self._changes = changes
        self._lock = threading.Lock()
        self._file = sqlite3.connect(folder / FILE, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self._seen = -1
        self._known: Mapping[str, tuple[str, int]] = {}

    @staticmethod
    def begin(folder: Path, workers: int) -> Any:
        """Make the file for so many processes, and return the shared memory to open it with."""
        with contextlib.closing(sqlite3.connect(folder / FILE, isolation_level=None)) as file:
            file.execute("PRAGMA journal_mode = WAL")
            file.executescript(_TABLES)
            file.execute("INSERT INTO given VALUES (0)")
            rows = [(number,) for number in range(workers)]
            file.executemany("INSERT INTO worker VALUES (?, 0, 0, -1, '', '[]')", rows)
        return RawValue(c_uint64, 0)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Directory:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    # worlds ------------------------------------------------------------------------------------------------------

    def owner(self, name: str) -> int | None:
        """Return the number of the process in which a world lives, or None."""
        found = self._now().get(name.lower())
        return found[1] if found is not None else None

    def names(self) -> list[str]:
        """Return the names of the worlds, in the order in which they were made."""
        return [name for name, _ in self._now().values()]

    def least(self) -> int:
        """Return the number of the process with the fewest worlds, of those that are up."""
        rows = self._ask(
            "SELECT number FROM worker LEFT JOIN world ON worker = number GROUP BY number "
            "ORDER BY is_up DESC, count(key), number DESC LIMIT 1"
        )
        return int(rows[0][0])

    def claim(self, name: str, worker: int, most: int) -> bool:
        """Take a name for a world that is about to be made; false when there are `most` already. Raises Taken."""
        with self._writing():
            ((count,),) = self._file.execute("SELECT count(*) FROM world")
            if count >= most:
                return False
            try:
                self._file.execute("INSERT INTO world VALUES (?, ?, ?, 0)", (name.lower(), name, worker))
            except sqlite3.IntegrityError:
                raise Taken(name) from None
        return True

    def settle(self, name: str) -> None:
        """Let requests for a world be led to it: it is made."""
        with self._writing():
            self._file.execute("UPDATE world SET settled = 1 WHERE key = ?", (name.lower(),))

    def release(self, name: str) -> None:
        """Give a name back."""
        with self._writing():
            self._file.execute("DELETE FROM world WHERE key = ?", (name.lower(),))

    def free_name(self) -> str:
        """Return a name that no world has had so far."""
        with self._writing():
            while True:
                ((last,),) = self._file.execute("UPDATE given SET last = last + 1 RETURNING last")
                name = f"world-{last}"
                if not list(self._file.execute("SELECT 1 FROM world WHERE key = ?", (name,))):
                    return name

    # processes ---------------------------------------------------------------------------------------------------

    def up(self, number: int, pid: int) -> None:
        """Note that a process answers now."""
        with self._writing():
            self._file.execute(
                "UPDATE worker SET pid = ?, is_up = 1, restarts = restarts + 1 WHERE number = ?", (pid, number)
            )

    def down(self, number: int, why: str) -> list[str]:
        """Note that a process has ended, forget its worlds, and return their names."""
        with self._writing():
            lost = [name for (name,) in self._file.execute("SELECT name FROM world WHERE worker = ?", (number,))]
            self._file.execute("DELETE FROM world WHERE worker = ?", (number,))
            ((before,),) = self._file.execute("SELECT lost FROM worker WHERE number = ?", (number,))
            kept = json.dumps([*json.loads(before), *lost][-LOST_SHOWN:])
            self._file.execute("UPDATE worker SET is_up = 0, why = ?, lost = ? WHERE number = ?", (why, kept, number))
        return lost

    def workers(self) -> list[WorkerState]:
        """Return how each process is."""
        rows = self._ask("SELECT number, pid, is_up, restarts, why, lost FROM worker ORDER BY number")
        return [
            WorkerState(number, pid, bool(is_up), max(restarts, 0), why, tuple(json.loads(lost)))
            for number, pid, is_up, restarts, why, lost in rows
        ]

    def condition(self) -> dict[str, Any]:
        """Return how the processes are; ready when all are up."""
        workers = self.workers()
        return {
            "ready": all(each.is_up for each in workers),
            "workers": [
                {
                    "process": each.number + 1,
                    "pid": each.pid,
                    "up": each.is_up,
                    "restarts": each.restarts,
                    "last_end": each.why,
                    "worlds_lost": list(each.lost),
                }
                for each in workers
            ],
        }

    def was_lost(self, name: str) -> bool:
        """Tell whether a world of that name ended with its process."""
        return any(name.lower() == each.lower() for worker in self.workers() for each in worker.lost)

    # the file ----------------------------------------------------------------------------------------------------

    def _now(self) -> Mapping[str, tuple[str, int]]:
        changes = self._changes.value
        if changes != self._seen:
            rows = self._ask("SELECT key, name, worker FROM world WHERE settled ORDER BY rowid")
            # In this order: what is written meanwhile is read with the next look-up.
            self._known, self._seen = {key: (name, worker) for key, name, worker in rows}, changes
        return self._known

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._file.execute(sql).fetchall()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")
            # Counted after the commit: who saw the old number asks once more.
            self._changes.value += 1
