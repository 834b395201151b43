"""What is told of a script that failed: the script, the line of it, and the platform's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandtable.core.values.errors import PlatformError, ScriptError

CANCELLED = "Transaction cancelled: maximum execution time exceeded"
_FRAME = re.compile(r"\(<input>:(\d+):(\d+)\)|at <input>:(\d+):(\d+)")
_ENGINE_WORDS = (
    (re.compile(r"^unexpected end of string$"), "unterminated string literal"),
    (re.compile(r"^return not in a function$"), "invalid return"),
    (
        re.compile(r"^unexpected token in expression: ''$|^Unexpected end of input$"),
        "Unexpected end of file: a bracket is not closed",
    ),
    (re.compile(r"^unexpected token in expression: '(.*)'$"), r"syntax error near '\1'"),
    (re.compile(r"^Maximum call stack size exceeded$"), "Exceeded maximum call stack depth"),
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a script: which script, and the line and column there, from 1 on; line 0 where it is not known."""

    script: str
    line: int = 0
    column: int = 0


class ScriptCancelled(ScriptError):
    """A script used up its time or memory; what it wrote is taken back. `spot` says in which function it was."""

    def __init__(self, script: str, reason: str, spot: Spot) -> None:
        self.script, self.reason, self.spot = script, reason, spot
        self.place = f"{spot.script or script} line {spot.line}" if spot.line else script
        super().__init__(CANCELLED, f"com.glide.sys.TransactionCancelledException: {self.place} ({reason} limit)")


class ScriptThrew(ScriptError):
    """A script ended with an error of its own.

    `spot` says where, `text` is its message alone, `left` what a rule had changed by then.
    """

    def __init__(self, text: str, name: str, spot: Spot, *, thrown: bool = False, excerpt: str = "") -> None:
        self.text, self.name, self.spot, self.thrown, self.excerpt = text, name, spot, thrown, excerpt
        self.left: dict[str, Any] | None = None
        kind = "com.glide.script.RhinoEcmaError" if not thrown else "org.mozilla.javascript.JavaScriptException"
        where = f"\n   {spot.script} : Line({spot.line}) column({spot.column})" if spot.line else ""
        shown = f"\n{excerpt}" if excerpt else ""
        super().__init__(f"{kind}: {text}{where}{shown}", "")


class ScriptSyntax(ScriptThrew):
    """The text of a script cannot be read, or uses what its language mode does not have."""


def frames(stack: str) -> list[tuple[int, int]]:
    """Return line and column of each frame of the engine's stack that lies in a script, innermost first."""
    found = []
    for match in _FRAME.finditer(stack):
        line, column = match.group(1) or match.group(3), match.group(2) or match.group(4)
        found.append((int(line), int(column)))
    return found


def platform_words(text: str) -> str:
    """Return the platform's words for an error text of the engine."""
    for pattern, words in _ENGINE_WORDS:
        if pattern.search(text):
            return pattern.sub(words, text)
    return text


def excerpt(text: str, line: int) -> str:
    """Return the line of a script as the platform shows it below an error."""
    lines = text.splitlines()
    return f"==> {line:>3}: {lines[line - 1].strip()[:200]}" if 0 < line <= len(lines) else ""


__all__ = ["CANCELLED", "PlatformError", "ScriptCancelled", "ScriptSyntax", "ScriptThrew", "Spot"]
