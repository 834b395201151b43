"""Rows of which the order asked for says nothing: a real database may give them in another order each time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record
    from sandtable.core.query import ResolvedQuery


class Ties(threading.local):
    """What breaks ties for the work of one thread: nothing, or a source of chance for as long as a block lasts."""

    source: Random | None = None

    @contextmanager
    def shuffled(self, source: Random) -> Iterator[None]:
        """Let ties fall as chance has it inside the block."""
        self.source = source
        try:
            yield
        finally:
            self.source = None


def shuffle(records: Sequence[Record], resolved: ResolvedQuery, source: Random) -> list[Record]:
    """Return records in an order that is as right as theirs: those that are equal by it change places."""
    names = [each.field.hops[0][0] if each.field.hops else each.field.name for each in resolved.order]
    shuffled: list[Record] = []
    for _, group in groupby(records, key=lambda record: [record[name].casefold() for name in names]):
        tied = list(group)
        source.shuffle(tied)
        shuffled += tied
    return shuffled
