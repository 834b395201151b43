"""Which records the work of a thread has changed, for whoever wants to tell."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sandtable.core.store.row import Row


class Change(NamedTuple):
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

    @property
    def table(self) -> str:
        """The table of the record."""
        return self.row.table

    @property
    def sys_id(self) -> str:
        """The sys_id of the record."""
        return self.row.sys_id

    @property
    def values(self) -> Mapping[str, tuple[str, str]]:
        """The columns that differ, each with its stored value before and after; empty where there was none."""
        before = self.before.values if self.before is not None else {}
        after = self.after.values if self.after is not None else {}
        names = (name for name in {**before, **after} if before.get(name, "") != after.get(name, ""))
        return {name: (before.get(name, ""), after.get(name, "")) for name in names}


class ChangeWatch:
    """Hands the changes of each transaction to those who collect them in its thread."""

    def __init__(self) -> None:
        self._collecting = threading.local()

    @contextmanager
    def collect(self) -> Iterator[list[Change]]:
        """Yield a list that fills with what the outermost transactions of this thread change inside the block."""
        changes = self.begin()
        try:
            yield changes
        finally:
            self.end(changes)

    def begin(self) -> list[Change]:
        """Return a list that fills with what the outermost transactions of this thread change, until `end`."""
        changes: list[Change] = []
        self._lists().append(changes)
        return changes

    def end(self, changes: list[Change]) -> None:
        """Let a list fill no more."""
        lists = self._lists()
        # By identity: two empty lists are equal, and the wrong one would go. It is nearly always the newest.
        if lists and lists[-1] is changes:
            lists.pop()
        else:
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
