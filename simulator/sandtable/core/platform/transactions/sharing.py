"""What keeps an instance that several processes have in common the same in all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandtable.core.values.clock import ClockState

if TYPE_CHECKING:
    from sandtable.core.schema.dictionary import Dictionary
    from sandtable.core.store.rows import Store
    from sandtable.core.values.clock import Clock
    from sandtable.core.values.ledger import Ledger
    from sandtable.core.values.visits import Visits

CLOCK, NOTES, DICTIONARY = "clock", "note", "dictionary"
SETTINGS, EVERYTHING = "settings", "everything"  # see core/store/postgres/shared.py


class Sharing:
    """Takes in what other processes have changed of an instance, and tells them what this one has."""

    def __init__(self, store: Store, dictionary: Dictionary, clock: Clock, visits: Visits, ledger: Ledger) -> None:
        self._store, self._dictionary, self._clock, self._visits = store, dictionary, clock, visits
        self._beside = store.beside
        # The dictionary, as the records describe it; given by those who can read it.
        self.read_dictionary: Callable[[], None] = lambda: None
        # What others keep beside the records; each is called when a setting has changed.
        self.settings_readers: list[Callable[[], None]] = []
        self._known = dictionary.state()
        ledger.share(_Counts(self._beside))
        clock.changed = self._tell_clock
        store.renewed = self._renewed
        self._read_clock()

    def _tell_clock(self) -> None:
        state = self._clock.state()
        self._beside.put(CLOCK, "", json.dumps(asdict(state) if state is not None else None))
        self._beside.settings_changed()

    def _read_clock(self) -> None:
        kept = self._beside.get(CLOCK, "")
        state = json.loads(kept) if kept is not None else None
        self._clock.follow(ClockState(**state) if state is not None else None)

    def _renewed(self, topics: frozenset[str]) -> None:
        if SETTINGS in topics:
            self._read_clock()
            for read in self.settings_readers:
                read()
        if EVERYTHING in topics:
            self._visits.moved()
        if topics & {EVERYTHING, DICTIONARY}:
            self.read_dictionary()
            self.settle()

    def check(self) -> None:
        """Raise Outlived, the transaction being over, where another process has gone back to another moment."""
        try:
            self._visits.check()
        except BaseException:
            self._store.commit()
            raise

    def settle(self) -> None:
        """Take the dictionary as one that the others know."""
        self._known = self._dictionary.state()

    def tell(self) -> None:
        """Tell others, with the transaction that ends, when it has changed the dictionary."""
        known, now = self._known, self._dictionary.state()
        if known.schema is not now.schema or known.choices is not now.choices:
            self._known = now
            self._store.topic(DICTIONARY)


class _Counts:
    """The notes of a ledger, counted beside the records."""

    def __init__(self, beside: Any) -> None:
        self._beside = beside

    def add(self, key: tuple[str, str, str]) -> None:
        with self._beside.held(NOTES, json.dumps(key)) as note:
            note.value = str(int(note.value or 0) + 1)

    def all(self) -> list[tuple[tuple[str, str, str], int]]:
        return [(tuple(json.loads(key)), int(count)) for key, count in self._beside.all(NOTES)]

    def clear(self) -> None:
        self._beside.clear(NOTES)
