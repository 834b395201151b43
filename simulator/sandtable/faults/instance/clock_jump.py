"""The clock of the instance jumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import entry
from sandtable.faults.wire import Exchange, Proceed, Reply

FARTHEST = 100 * 365 * 86400


@dataclass(frozen=True, slots=True)
class ClockJump:
    """The clock of the instance jumps, forward or (negative) back, and stays there."""

    kind: ClassVar[str] = "clock-jump"
    seconds: float = entry(3600.0, "how far, in seconds; negative is back", least=-FARTHEST, most=FARTHEST)
    moment: str = entry("before", "before or after the request is carried out", one_of=("before", "after"))

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if self.moment == "before":
            exchange.instance.clock.jump(self.seconds)
            return proceed()
        answer = proceed()
        exchange.instance.clock.jump(self.seconds)
        return answer
