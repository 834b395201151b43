"""Whether a script can be read at all, asked without running any of it."""

from __future__ import annotations

from sandtable.scripting.engine.failures import ScriptSyntax, Spot, excerpt, frames, platform_words
from sandtable.scripting.engine.guard import Guarded, ScriptFailure, ScriptStopped
from sandtable.scripting.engine.source import prepare

_SECONDS = 1.0
_HALT = "throw 0;"  # before all of it, so that a text that can be read does nothing


def syntax_error(text: str, mode: str, *, name: str = "script", returns: bool = False) -> ScriptSyntax | None:
    """Return why a script cannot be read in a language mode, or None; `returns` lets it return from the top."""
    source = prepare(text, mode)
    if source.refusals:
        first = source.refusals[0]
        spot = Spot(name, first.line, first.column)
        told = f"{first.construct} is not allowed in {mode} mode"
        return ScriptSyntax(told, "SyntaxError", spot, excerpt=excerpt(text, first.line))
    program = f"(function(){{{_HALT}{text}\n}})()" if returns and source.returns else _HALT + text
    bare = Guarded()  # there is nothing in this context that a script could reach
    bare.arm(_SECONDS)
    try:
        bare.evaluate(program)
    except ScriptStopped:
        return None
    except ScriptFailure as failure:
        kind, mark, told = failure.message.partition(": ")
        if kind != "SyntaxError" or not mark:
            return None
        line, column = next(iter(frames(failure.stack)), (0, 0))
        before = len(program) - len(text) if line == 1 else 0
        return ScriptSyntax(
            platform_words(told), kind, Spot(name, line, max(1, column - before)), excerpt=excerpt(text, line)
        )
    return None
