"""The ledger of what a client used and this simulator does not simulate. Silence is the one thing it must not do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

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


class Counts(Protocol):
    """Counts that several processes have in common."""

    def add(self, key: tuple[str, str, str]) -> None:
        """Count one more."""

    def all(self) -> list[tuple[tuple[str, str, str], int]]:
        """Return all counts, in the order in which they began."""

    def clear(self) -> None:
        """Forget all counts."""


class Ledger:
    """Collects notes; in `strict` mode each note is an error instead."""

    LIMIT = 5_000  # different notes kept; a fuzzer would otherwise fill the memory

    def __init__(self, *, strict: bool = False) -> None:
        self.strict = strict
        self._shared: Counts | None = None
        self._counts: dict[tuple[str, str, str], int] = {}
        self._lock = threading.Lock()
        self._collecting = threading.local()

    def note(self, kind: str, name: str, detail: str = "") -> None:
        """Enter one use of something unsimulated. Raises Unsimulated in strict mode."""
        key = (kind, name, detail)
        if self._shared is not None:
            self._shared.add(key)
        with self._lock:
            if key in self._counts or len(self._counts) < self.LIMIT:
                self._counts[key] = self._counts.get(key, 0) + 1
        for notes in self._collectors():
            notes.append(LedgerEntry(kind, name, detail))
        if self.strict:
            raise Unsimulated(kind, name, detail)

    def share(self, counts: Counts) -> None:
        """Count from here on where other processes see it."""
        self._shared = counts

    def entries(self) -> list[LedgerEntry]:
        """Return each different note once, in order of first use, with its count."""
        if self._shared is not None:
            return [LedgerEntry(*key, count=count) for key, count in self._shared.all()]
        with self._lock:
            return [LedgerEntry(*key, count=count) for key, count in self._counts.items()]

    def clear(self) -> None:
        """Forget every note."""
        if self._shared is not None:
            self._shared.clear()
        with self._lock:
            self._counts.clear()

    @contextmanager
    def collect(self) -> Iterator[list[LedgerEntry]]:
        """Yield a list that fills with the notes this thread makes inside the block."""
        notes = self.begin()
        try:
            yield notes
        finally:
            self.end(notes)

    def begin(self) -> list[LedgerEntry]:
        """Return a list that fills with the notes this thread makes, until `end`."""
        notes: list[LedgerEntry] = []
        self._collectors().append(notes)
        return notes

    def end(self, notes: list[LedgerEntry]) -> None:
        """Let a list fill no more."""
        _take_out(self._collectors(), notes)

    def _collectors(self) -> list[list[LedgerEntry]]:
        try:
            found: list[list[LedgerEntry]] = self._collecting.lists
        except AttributeError:
            found = self._collecting.lists = []
        return found


def _take_out(lists: list[list[LedgerEntry]], one: list[LedgerEntry]) -> None:
    # By identity: two empty lists are equal, and the wrong one would go. It is nearly always the newest.
    if lists and lists[-1] is one:
        lists.pop()
    else:
        lists[:] = [each for each in lists if each is not one]
