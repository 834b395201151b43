"""The ledger of what a client used and this simulator does not simulate. Silence is the one thing it must not do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandtable.core.values.errors import Unsimulated


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One thing that was asked for and not simulated.

    `kind` is parameter, operator, header, path, function, field, script and the like; `count` says how often.
    """

    kind: str
    name: str
    detail: str = ""
    count: int = 1

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


class Ledger:
    """Collects notes; in `strict` mode each note is an error instead."""

    LIMIT = 5_000  # different notes kept; a fuzzer would otherwise fill the memory

    def __init__(self, *, strict: bool = False) -> None:
        self.strict = strict
        self._counts: dict[tuple[str, str, str], int] = {}
        self._lock = threading.Lock()
        self._collecting = threading.local()

    def note(self, kind: str, name: str, detail: str = "") -> None:
        """Enter one use of something unsimulated. Raises Unsimulated in strict mode."""
        key = (kind, name, detail)
        with self._lock:
            if key in self._counts or len(self._counts) < self.LIMIT:
                self._counts[key] = self._counts.get(key, 0) + 1
        for notes in self._collectors():
            notes.append(LedgerEntry(kind, name, detail))
        if self.strict:
            raise Unsimulated(kind, name, detail)

    def entries(self) -> list[LedgerEntry]:
        """Return each different note once, in order of first use, with its count."""
        with self._lock:
            return [LedgerEntry(*key, count=count) for key, count in self._counts.items()]

    def clear(self) -> None:
        """Forget every note."""
        with self._lock:
            self._counts.clear()

    @contextmanager
    def collect(self) -> Iterator[list[LedgerEntry]]:
        """Yield a list that fills with the notes this thread makes inside the block."""
        notes: list[LedgerEntry] = []
        collectors = self._collectors()
        collectors.append(notes)
        try:
            yield notes
        finally:
            # By identity: two empty lists are equal, and the wrong one would go.
            collectors[:] = [each for each in collectors if each is not notes]

    def _collectors(self) -> list[list[LedgerEntry]]:
        try:
            found: list[list[LedgerEntry]] = self._collecting.lists
        except AttributeError:
            found = self._collecting.lists = []
        return found
