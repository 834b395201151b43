"""What was worked out from records, kept for as long as those records stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sandtable.core.store.row import BUSY

if TYPE_CHECKING:
    from sandtable.core.schema.dictionary import Dictionary
    from sandtable.core.store.reading import Reader

T = TypeVar("T")
VALUES_KEPT = 20_000  # keys of remembered values may come from clients


@dataclass(eq=False, slots=True)
class _Value:
    """A value that was worked out when the store was of that generation and the tables of those versions.

    A `calm` one hangs on no table of BUSY: its generation is one that writes to those do not change.
    """

    calm: bool
    generation: int
    stamp: tuple[int | None, ...]
    moment: str
    value: Any


class Remembered:
    """The values that one instance remembers; `lock` is held while one is worked out."""

    def __init__(self, store: Reader, lock: AbstractContextManager[Any], dictionary: Dictionary) -> None:
        self._store, self._dictionary = store, dictionary
        self._lock = lock
        self._values: dict[object, _Value] = {}
        self._calm: dict[tuple[str, ...], bool] = {}  # by the tables, in the schema that follows
        self._schema: object = None
        self.on_computed: Callable[[], object] | None = None  # told of each value that had to be worked out

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: object, tables: Sequence[str], compute: Callable[[], T], moment: str) -> T:
        """Return `compute()`, or what it was while the tables were of the same versions and the moment the same."""
        store = self._store
        known = self._values.get(key)
        if known is not None and known.moment == moment:
            # Nothing that matters was written since it was looked at last: the common case, and the cheapest to tell.
            generation = store.calm if known.calm else store.generation
            if known.generation == generation:
                return known.value  # type: ignore[no-any-return]
            # Another dictionary may have other roots; it is written to tables that are not busy.
            if known.calm == self._is_calm(tables) and known.stamp == store.stamp(tables):
                known.generation = generation
                return known.value  # type: ignore[no-any-return]
        with self._lock:
            calm = self._is_calm(tables)
            generation = store.calm if calm else store.generation
            stamp = store.stamp(tables)
            value = compute()
            if self.on_computed is not None:
                self.on_computed()
            if len(self._values) > VALUES_KEPT:
                self._values.clear()
            self._values[key] = _Value(calm, generation, stamp, moment, value)
        return value

    def _is_calm(self, tables: Sequence[str]) -> bool:
        dictionary = self._dictionary
        if self._schema is not dictionary.schema:
            self._schema, self._calm = dictionary.schema, {}
        key = tuple(tables)
        known = self._calm.get(key)
        if known is None:
            known = all(dictionary.has(each) and dictionary.root(each) not in BUSY for each in key)
            self._calm[key] = known
        return known

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
