"""One request arrives more than once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import entry
from sandtable.faults.wire import Exchange, Proceed, Reply


@dataclass(frozen=True, slots=True)
class DuplicateDelivery:
    """The request reaches the instance several times, as when a proxy repeats it; one answer comes back."""

    kind: ClassVar[str] = "duplicate-delivery"
    deliveries: int = entry(2, "how often the request arrives", least=2, most=10)
    answer: str = entry("first", "whose answer the client gets", one_of=("first", "last"))

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        answers = [proceed() for _ in range(self.deliveries)]
        return answers[0 if self.answer == "first" else -1]
