"""What was worked out from records, kept for as long as those records stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from sandtable.core.store.reading import Reader

T = TypeVar("T")
VALUES_KEPT = 20_000  # keys of remembered values may come from clients


@dataclass(eq=False, slots=True)
class _Value:
    """A value that was worked out when the store was of that generation and the tables of those versions."""

    generation: int
    stamp: tuple[int | None, ...]
    moment: str
    value: Any


class Remembered:
    """The values that one instance remembers; `lock` is held while one is worked out."""

    def __init__(self, store: Reader, lock: AbstractContextManager[Any]) -> None:
        self._store = store
        self._lock = lock
        self._values: dict[object, _Value] = {}
        self.on_computed: Callable[[], object] | None = None  # told of each value that had to be worked out

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: object, tables: Sequence[str], compute: Callable[[], T], moment: str) -> T:
        """Return `compute()`, or what it was while the tables were of the same versions and the moment the same."""
        store = self._store
        generation = store.generation
        known = self._values.get(key)
        if known is not None and known.moment == moment:
            # Nothing at all was written since it was looked at last: the common case, and the cheapest to tell.
            if known.generation == generation:
                return known.value  # type: ignore[no-any-return]
            if known.stamp == store.stamp(tables):
                known.generation = generation
                return known.value  # type: ignore[no-any-return]
        with self._lock:
            generation = store.generation
            stamp = store.stamp(tables)
            value = compute()
            if self.on_computed is not None:
                self.on_computed()
            if len(self._values) > VALUES_KEPT:
                self._values.clear()
            self._values[key] = _Value(generation, stamp, moment, value)
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
