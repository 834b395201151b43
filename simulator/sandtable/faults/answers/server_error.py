"""500 of a script that failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandtable.core.values.errors import ScriptError
from sandtable.faults.forms import entry
from sandtable.faults.wire import Exchange, Proceed, Reply


@dataclass(frozen=True, slots=True)
class ServerError:
    """A script of the instance fails: status 500 and the platform's error body; nothing is written."""

    kind: ClassVar[str] = "server-error"
    message: str = entry("Script execution failed", "the message of the error body")
    detail: str = entry("", "the detail of the error body; null when empty")

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        return proceed(ScriptError(self.message, self.detail or None))
