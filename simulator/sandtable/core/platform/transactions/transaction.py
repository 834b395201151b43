"""One transaction of an instance, as a context."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sandtable.core.store.marks import Mark


class Entered(Protocol):
    """What a transaction is one of."""

    def enter(self, *, reading: bool = False) -> Mark:
        """Begin, and return the mark to leave with."""

    def leave(self, mark: Mark, *, failed: bool) -> None:
        """End what began at a mark."""


class Transaction:
    """One transaction of an instance, as a context."""

    __slots__ = ("_instance", "_mark", "_reading")

    def __init__(self, instance: Entered, *, reading: bool = False) -> None:
        self._instance = instance
        self._reading = reading
        self._mark: Mark | None = None

    def __enter__(self) -> None:
        self._mark = self._instance.enter(reading=self._reading)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mark is not None:
            self._instance.leave(self._mark, failed=error is not None)
