"""The body stops before its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, cast

from sandtable.faults.forms import entry
from sandtable.faults.wire import Ending, Exchange, Proceed, Reply


@dataclass(frozen=True, slots=True)
class TruncatedBody:
    """Only the first part of the body arrives; what the request writes stays written.

    `complete` sends the short body as if it were the whole one, the other endings break the connection after it.
    """

    kind: ClassVar[str] = "truncated-body"
    keep: float = entry(0.5, "which part of the body arrives, as a fraction", least=0, most=1)
    ending: str = entry("closed", "how the connection ends", one_of=("closed", "reset", "complete"))

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        answer = proceed().plain()
        # At least one byte is missing, whatever the fraction says.
        kept = max(0, min(int(len(answer.body) * self.keep), len(answer.body) - 1))
        return replace(answer.with_body(answer.body[:kept]), ending=cast(Ending, self.ending))
