"""Pages that disagree: rows of which the order says nothing stand in another order each time."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from sandtable.faults.wire import Exchange, Proceed, Reply


@dataclass(frozen=True, slots=True)
class UnstableOrder:
    """Rows that are equal by the order asked for change places from request to request, so pages repeat and lose some.

    A list without ORDERBY has no order at all, and one by a column that is not unique leaves ties; ORDERBYsys_id at the
    end helps. As seen by LetPeopleWork/Lighthouse, intuitem/ciso-assistant-community#4674 and dust-tt/dust#31252.
    """

    kind: ClassVar[str] = "unstable-order"

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        with exchange.memory.lock:
            source = Random(exchange.random.getrandbits(64))  # noqa: S311 - an order, no secret
        with exchange.instance.ties.shuffled(source):
            return proceed()
