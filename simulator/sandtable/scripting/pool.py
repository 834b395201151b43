"""Engines that wait for the next run, and the run that each thread is in."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sandtable.core.values.errors import PlatformError
from sandtable.core.values.texts import seconds
from sandtable.scripting.engine.engine import Engine
from sandtable.scripting.engine.failures import ScriptCancelled
from sandtable.scripting.engine.guard import ScriptFailure, ScriptStopped
from sandtable.scripting.objects import OPERATIONS
from sandtable.scripting.objects.includes import includes_of
from sandtable.scripting.run import EVALUATOR, Run

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.scripting.engine.coverage import Coverage
    from sandtable.scripting.planted import Outbound

SECONDS = "sandtable.script.seconds"
DEFAULT_SECONDS = 10.0
EMPTY_IS_FALSE = "sandtable.script.empty_field_is_false"
_CLEAN: Mapping[str, Any] = MappingProxyType({"dirty": False, "covered": MappingProxyType({})})
KEPT = 4  # engines that wait; more are made when more threads run scripts, and let go afterwards
SANDBOX_REFUSES = frozenset(
    {
        "insert", "update", "update_bound", "update_multiple", "delete", "delete_multiple", "event", "message",
        "property", "set_property", "log", "print", "attach", "delete_attachment", "send", "execute_now",
    }
)  # fmt: skip


class Pool:
    """Engines by turns: one for each thread that runs scripts, the same one as long as its transaction lasts."""

    def __init__(self, outbound: Outbound) -> None:
        self.counted: Coverage | None = None
        self._outbound = outbound
        self._waiting: list[Engine] = []
        self._lock = threading.Lock()
        self._local = threading.local()

    @contextmanager
    def run(self, session: Session) -> Iterator[Run]:
        """Yield the run of this thread on the session's instance, as the session; it ends with its transaction."""
        runs = self._runs()
        instance = session.instance
        run = runs.get(id(instance))
        if run is not None:
            before, run.session = run.session, session
            try:
                yield run
            finally:
                run.session = before
            return
        run = runs[id(instance)] = self._begin(session)
        try:
            yield run
        except ScriptCancelled as stopped:
            run.broken = True
            told = f"{stopped.message}: {stopped.place}"
            instance.defer(lambda: instance.log("error", EVALUATOR, told))  # what was written until then is taken back
            raise
        finally:
            # Inside a transaction its scripts share their globals until it ends; otherwise this is the end.
            instance.defer(lambda: self._end(instance, run))

    def current(self, instance: Instance) -> Run | None:
        """Return the run that this thread is in, or None."""
        return self._runs().get(id(instance))

    def rearm(self, run: Run) -> None:
        """Give the next script of a run its time; only where none is running."""
        if run.depth == 0:
            run.engine.arm(_seconds(run.instance))

    def _runs(self) -> dict[int, Run]:
        try:
            found: dict[int, Run] = self._local.runs
        except AttributeError:
            found = self._local.runs = {}
        return found

    def _begin(self, session: Session) -> Run:
        with self._lock:
            engine = self._waiting.pop() if self._waiting else None
        engine = engine or Engine()
        run = Run(session, engine, counted=self.counted, outbound=self._outbound)
        engine.handler = lambda operation, scope, given: _handle(run, operation, scope, given)
        self._acquaint(engine, session.instance)
        return run

    def _acquaint(self, engine: Engine, instance: Instance) -> None:
        """Tell an engine of the instance that it works for next, as far as that is news."""
        includes = includes_of(instance)
        schema = instance.dictionary.memo(("scripts know",), object)
        falsy = instance.property_is_true(EMPTY_IS_FALSE, True)
        owner = (instance, schema, includes, falsy)
        if all(new is old for new, old in zip(owner, engine.owner, strict=False)) and engine.owner:
            return
        listed = [{"name": name, "scope": scope} for scope, name in includes]
        engine.enter(
            "begin",
            {
                "empty_is_false": falsy,
                "forget_tables": True,
                "includes": listed,
                "many_scopes": any(scope != "global" for scope, _ in includes),
            },
        )
        engine.owner = owner

    def _end(self, instance: Instance, run: Run) -> None:
        self._runs().pop(id(instance), None)
        engine = run.engine
        if run.broken:
            return
        try:
            engine.run_pending()
            tidied = run.untidy or run.suspicious or run.counted is not None
            left = engine.enter("tidy", {"suspicious": run.suspicious}) if tidied else _CLEAN
        except (ScriptStopped, ScriptFailure):
            return
        if run.counted is not None:
            run.counted.add(left["covered"])
        engine.handler, engine.interrupted = None, None
        if left["dirty"] or engine.worn_out:
            return
        with self._lock:
            if len(self._waiting) < KEPT:
                self._waiting.append(engine)


def _handle(run: Run, operation: str, scope: str, given: list[Any]) -> Any:
    run.scope = scope
    try:
        if run.sandboxed and operation in SANDBOX_REFUSES:
            run.instance.ledger.note("script", operation, "not allowed in the sandbox of query values")
            raise PlatformError(f"{operation} is not allowed in a sandboxed script")
        return OPERATIONS[operation](run, *given)
    except PlatformError as error:
        if getattr(error, "script_id", None) is None:
            run.refuse(error)
        raise


def _seconds(instance: Instance) -> float:
    return max(0.05, seconds(instance.property(SECONDS), DEFAULT_SECONDS))
