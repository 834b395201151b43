"""The connection breaks before the request is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, cast

from sandtable.faults.forms import entry
from sandtable.faults.wire import Ending, Exchange, Proceed, Reply


@dataclass(frozen=True, slots=True)
class ConnectionReset:
    """The connection breaks before anything is done with the request."""

    kind: ClassVar[str] = "connection-reset"
    ending: str = entry("reset", "a reset, or an orderly end without an answer", one_of=("reset", "closed"))

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        return Reply(503).cut(cast(Ending, self.ending))
