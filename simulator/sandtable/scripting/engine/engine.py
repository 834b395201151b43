"""A JavaScript context with the platform's objects in it, ready to run scripts for one run after another."""

from __future__ import annotations

import json
import re
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from sandtable.core.values.errors import PlatformError
from sandtable.scripting.engine.failures import Spot, frames
from sandtable.scripting.engine.guard import Guarded, ScriptFailure

if TYPE_CHECKING:
    from sandtable.scripting.engine.source import Source

FILES = (
    "core",
    "dates_native",
    "lists",
    "elements",
    "state",
    "query_condition",
    "record",
    "secure",
    "aggregate",
    "date_time",
    "date",
    "schedule",
    "system",
    "console",
    "classes",
    "utilities",
    "attachment",
    "internals",
    "import_sets",
    "web_service",
    "xml",
    "json_path",
    "glide_query",
    "language",
    "places",
)
MOST_LINES = 300_000  # of all scripts a context has seen; the blank lines before a script tell its errors apart
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_SLACK = 0.05  # of the time that a script may have
_OPENING, _RETURN = "(function(){", "return "  # what stands before a script that is kept as a function
_INT32 = 2**31 - 1

Answer = str | float | bool | None


# The text of the objects is part of the program, so instances may share it.
@lru_cache(maxsize=1)
def prelude() -> str:
    """Return the program that puts the platform's objects into a context; its value is the way in."""
    folder = resources.files("sandtable.scripting") / "glide"
    text = "\n".join((folder / f"{name}.js").read_text("utf-8") for name in FILES)
    return f"(function () {{ 'use strict';\n{text}\nsettle();\nreturn enter;\n}})()"


class Engine:
    """One context. `handler` answers what scripts ask of the instance; it is set by the run that holds the engine."""

    def __init__(self) -> None:
        self._guarded = Guarded()
        self.handler: Callable[[str, str, list[Any]], Any] | None = None
        self.interrupted: BaseException | None = None
        self.owner: tuple[object, ...] = ()
        self._guarded.offer("$host", self._answer)
        self.handler = _not_yet
        self._enter = self._guarded.evaluate(prelude())
        self._bases: dict[str, int] = {}
        self._codes: dict[str, str] = {}
        self._starts: list[int] = []
        self._scripts: list[tuple[str, Source, int]] = []
        self._next = prelude().count("\n") + 2  # a line of the objects is no line of a script
        self._armed, self._seconds = 0.0, 0.0

    @property
    def worn_out(self) -> bool:
        """Whether the context has seen so many scripts that a new one is cheaper."""
        return self._next > MOST_LINES

    def arm(self, seconds: float) -> None:
        """Give the next scripts their time, or a little less: arming anew costs more than a short script."""
        now = time.process_time()
        if seconds != self._seconds or now - self._armed > seconds * _SLACK:
            self._guarded.arm(seconds)
            self._armed, self._seconds = now, seconds

    def enter(self, place: str, request: Mapping[str, Any]) -> Any:
        """Go in at a place with a request. Raises ScriptFailure for what is no script's own error, ScriptStopped."""
        answer = self._guarded.call(self._enter, place, json.dumps(request))
        if not isinstance(answer, str):
            raise ScriptFailure("the engine gave no answer", "")
        told = json.loads(answer)
        return _whole(told) if _SURROGATE.search(answer) else told

    def run_pending(self) -> None:
        """Run what promises have left to do."""
        self._guarded.run_pending()

    def package(self, name: str, source: Source, *, program: bool) -> dict[str, Any]:
        """Return a script as the objects take it; they ask for its code when they first run it."""
        key = f"{source.digest}{'p' if program else 'f'}"
        base = self._bases.get(key)
        if base is not None:
            return {"digest": key, "base": base, "program": program}
        base = self._bases[key] = self._next
        self._starts.append(base)
        before = 0 if program else len(_OPENING) + (len(_RETURN) if source.single else 0)
        self._scripts.append((name, source, before))
        self._next += source.text.count("\n") + 3
        self._codes[key] = source.prepared
        return {"digest": key, "base": base, "program": program}

    def code(self, key: str) -> str:
        """Return the code of a script that was handed over."""
        return self._codes[key]

    def spot(self, stack: str) -> tuple[Spot, Source | None]:
        """Return the innermost place in a script that the engine's stack names, and that script."""
        for line, column in frames(stack):
            index = bisect_right(self._starts, line - 1) - 1
            if index >= 0:
                name, source, before = self._scripts[index]
                inside = line - self._starts[index]
                if 0 < inside <= source.text.count("\n") + 1:
                    return Spot(name, inside, max(1, column - before) if inside == 1 else column), source
        return Spot(""), None

    def _answer(self, operation: str, scope: str, arguments: str) -> Answer:
        # Nothing may be raised here: the engine cannot carry a Python exception through a script.
        try:
            given = json.loads(arguments)
            if _SURROGATE.search(arguments):
                given = _whole(given)
            handler = self.handler or _not_yet
            return _told(handler(operation, scope, given))
        except PlatformError as error:
            return _failed(getattr(error, "script_id", None), error.message, type(error).__name__)
        except RecursionError:
            return _failed(None, "scripts call each other without end", "RangeError")
        except Exception as error:  # noqa: BLE001 - told to the script, and raised again where the run ends
            self.interrupted = self.interrupted or error
            return _failed(None, f"{type(error).__name__}: {error}", "InternalError")
        except BaseException as error:  # noqa: BLE001 - as above; a stop of the process must not get lost in a script
            self.interrupted = error
            return _failed(None, "the process is ending", "InternalError")


def _not_yet(operation: str, scope: str, arguments: list[Any]) -> Any:
    raise LookupError(f"{operation} was asked for while nothing runs")


def _told(result: Any) -> Answer:
    if result is None or isinstance(result, bool | float):
        return result
    if isinstance(result, int):
        return result if -_INT32 <= result <= _INT32 else float(result)
    if isinstance(result, str) and result.isascii():
        return f"s{result}"
    return f"j{json.dumps(result)}"


def _failed(identity: int | None, message: str, name: str) -> str:
    return "e" + json.dumps({"id": identity, "message": message, "name": name})


def _whole(value: Any) -> Any:
    """Return a value whose texts hold no half of a surrogate pair."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(each) for key, each in value.items()}
    return value
