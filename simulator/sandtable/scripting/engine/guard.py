"""One JavaScript context of quickjs-ng that can be stopped: time, memory and stack are limited, nothing is reachable.

The binding refuses calls into Python while it has a time limit. It looks at the limit when a call into Python is made,
and takes the interrupt handler down when an evaluation ends, if there is a limit *then*. So a limit that is lifted in
the middle of an evaluation leaves its handler in place: a callable that is dropped by the script it is part of runs its
`__del__` in that very moment. `Guarded` does this at the start of each run and checks once that it works.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

MEMORY_BYTES = 256 * 1024 * 1024
STACK_BYTES = 256 * 1024
_PROBE_SECONDS = 0.02
_PROBE_CEILING = 200_000_000


class EngineUnusable(Exception):
    """The JavaScript engine is not installed, or one that cannot be stopped; the text says what to do."""


class ScriptStopped(Exception):
    """The engine interrupted a script: its time is up or its memory is used up (`reason` is `time` or `memory`).

    `stack` is the JavaScript stack at that moment, with the first line of each function that ran.
    """

    def __init__(self, reason: str, stack: str = "") -> None:
        super().__init__(reason)
        self.reason, self.stack = reason, stack


class ScriptFailure(Exception):
    """A script ended with an error that nothing caught, told as the engine tells it: message and JavaScript stack."""

    def __init__(self, message: str, stack: str) -> None:
        super().__init__(message)
        self.message, self.stack = message, stack


class _Lift:
    """A callable whose end lifts the time limit of a context, leaving the interrupt handler where it is."""

    __slots__ = ("_context",)

    def __init__(self, context: Any) -> None:
        self._context = context

    def __call__(self) -> None:
        return None

    def __del__(self) -> None:
        self._context.set_time_limit(-1)


def load_engine() -> Any:
    """Return the module of the engine. Raises EngineUnusable when it is not installed."""
    try:
        import quickjs
    except ImportError as error:
        raise EngineUnusable("scripts need the extra: pip install '.[scripts]' in a clone") from error
    return quickjs


class Guarded:
    """A context with limits. One thread at a time; host functions may run scripts in it again."""

    def __init__(self, *, memory: int = MEMORY_BYTES, stack: int = STACK_BYTES) -> None:
        self._engine = load_engine()
        self._context = self._engine.Context()
        self._context.set_memory_limit(memory)
        self._context.set_max_stack_size(stack)

    def offer(self, name: str, function: Callable[..., Any]) -> None:
        """Make a Python function a global one; it must never raise, and return text, a number, a boolean or None."""
        self._context.add_callable(name, function)

    def arm(self, seconds: float) -> None:
        """Give what is evaluated from now on this much processor time; each call counts anew."""
        self._context.add_callable("$lift", _Lift(self._context))
        self._context.set_time_limit(seconds)
        self._context.eval("delete globalThis.$lift")

    def evaluate(self, code: str) -> Any:
        """Evaluate a program; objects come back as the engine's own. Raises ScriptFailure, ScriptStopped."""
        return self._guarded(self._context.eval, code)

    def call(self, function: Any, *arguments: object) -> Any:
        """Call a function that `evaluate` returned. Raises ScriptFailure, ScriptStopped."""
        return self._guarded(function, *arguments)

    def run_pending(self, most: int = 10_000) -> None:
        """Run what promises have left to do, at most so many steps."""
        for _ in range(most):
            if not self._guarded(self._context.execute_pending_job):
                return

    def _guarded(self, function: Callable[..., Any], *arguments: object) -> Any:
        try:
            return function(*arguments)
        except self._engine.StackOverflow as error:
            message, _, stack = str(error).partition("\n")
            raise ScriptFailure(message, stack) from None
        except self._engine.JSException as error:
            message, _, stack = str(error).partition("\n")
            if message == "InternalError: interrupted":
                raise ScriptStopped("time", stack) from None
            if message == "InternalError: out of memory":
                raise ScriptStopped("memory", stack) from None
            raise ScriptFailure(message, stack) from None


def probe() -> None:
    """Check that an endless loop that calls into Python is stopped. Raises EngineUnusable when it is not."""
    calls = 0

    def count() -> bool:
        nonlocal calls
        calls += 1
        return time.process_time() < begun + 2.0

    guarded = Guarded()
    guarded.offer("count", count)
    guarded.arm(_PROBE_SECONDS)
    begun = time.process_time()
    try:
        # Ends by itself, so that an engine of another kind cannot hang whoever asks.
        guarded.evaluate(f"for (var i = 0; i < {_PROBE_CEILING}; i++) {{ if (i % 1000 == 0 && !count()) break; }}")
    except ScriptStopped:
        if calls:
            return
    except ScriptFailure:
        pass
    raise EngineUnusable("this release of quickjs-ng cannot stop scripts that call the instance; install 0.17")
