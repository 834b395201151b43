"""Which records the work of a thread has changed, for whoever wants to tell."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.core.store.row import Row


@dataclass(frozen=True, slots=True)
class Change:
    """One record before and after a transaction that was kept; None where there was none."""

    before: Row | None
    after: Row | None

    @property
    def operation(self) -> str:
        """`insert`, `update` or `delete`."""
        return "insert" if self.before is None else "delete" if self.after is None else "update"

    @property
    def row(self) -> Row:
        """The record as it is now, or as it was when it was deleted."""
        row = self.after if self.after is not None else self.before
        assert row is not None
        return row


class ChangeWatch:
    """Hands the changes of each transaction to those who collect them in its thread."""

    def __init__(self) -> None:
        self._collecting = threading.local()

    @contextmanager
    def collect(self) -> Iterator[list[Change]]:
        """Yield a list that fills with what the outermost transactions of this thread change inside the block."""
        changes: list[Change] = []
        lists = self._lists()
        lists.append(changes)
        try:
            yield changes
        finally:
            # By identity: two empty lists are equal, and the wrong one would go.
            lists[:] = [each for each in lists if each is not changes]

    @property
    def wanted(self) -> bool:
        """Whether anybody collects in this thread."""
        return bool(self._lists())

    def tell(self, changes: list[Change]) -> None:
        """Hand on the changes of a transaction that is kept."""
        for each in self._lists():
            each += changes

    def _lists(self) -> list[list[Change]]:
        try:
            found: list[list[Change]] = self._collecting.lists
        except AttributeError:
            found = self._collecting.lists = []
        return found
