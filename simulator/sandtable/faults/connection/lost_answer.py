"""The request is carried out, and the client never hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, cast

from sandtable.faults.forms import entry
from sandtable.faults.wire import Ending, Exchange, Proceed, Reply


@dataclass(frozen=True, slots=True)
class LostAnswer:
    """The request is carried out, what it writes stays written, and the answer never arrives.

    With `seconds` the connection stays silent for so long before it breaks, so that a client runs into its time-out.
    """

    kind: ClassVar[str] = "lost-answer"
    ending: str = entry("reset", "a reset, or an orderly end without an answer", one_of=("reset", "closed"))
    seconds: float = entry(0.0, "how long the connection stays silent first", least=0, most=3600)

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        answer = proceed()
        if self.seconds:
            exchange.wait(self.seconds)
        return answer.cut(cast(Ending, self.ending))
