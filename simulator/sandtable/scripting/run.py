"""One run of scripts: who runs them, in which engine, and what they have left behind so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandtable.core.security.scope_privileges import GLOBAL
from sandtable.core.values.errors import (
    BadRequest,
    PlatformError,
    ScopeAccessNotGranted,
    ScriptError,
    TableScopeRefused,
    Unsimulated,
    UnsupportedMediaType,
)
from sandtable.scripting.engine.failures import (
    ScriptCancelled,
    ScriptSyntax,
    ScriptThrew,
    Spot,
    excerpt,
    platform_words,
)
from sandtable.scripting.engine.guard import ScriptFailure, ScriptStopped
from sandtable.scripting.engine.language import ES_LATEST
from sandtable.scripting.engine.source import Source, prepare

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.table_access import Record
    from sandtable.scripting.engine.coverage import Coverage
    from sandtable.scripting.engine.engine import Engine
    from sandtable.scripting.planted import Outbound

# How the engine ends a script whose memory is used up, when what it gave up on the way leaves enough to tell so.
OUT_OF_MEMORY = ("InternalError", "out of memory")
# What comes out of a script as itself when no script catches it.
THROUGH = (ScriptError, ScopeAccessNotGranted, TableScopeRefused, Unsimulated, BadRequest, UnsupportedMediaType)
EVALUATOR = "Evaluator"  # the source of what the log says of scripts that fail
DEEPEST = 12  # scripts whose writes run scripts; each level takes stack of the engine


@dataclass(slots=True)
class Printed:
    """A line that a script wrote: `level` info, warning, error, debug or print, its source, and the text."""

    level: str
    source: str
    text: str


@dataclass(slots=True)
class WebRequest:
    """What a scripted REST resource or a processor may ask of its request while it runs."""

    text: str = ""
    data: Any = None
    raw: bytes = b""
    read_data: Any = None


@dataclass(slots=True)
class Ajax:
    """Parameters of a call of a client-callable script include, and what it has answered."""

    parameters: dict[str, str] = field(default_factory=dict)
    answer: str | None = None
    error: str = ""
    items: list[tuple[str, dict[str, str]]] = field(default_factory=list)


class Run:
    """Scripts that share one engine and its globals, from the first of a transaction to the end of it.

    `session` is who they run as; `scope` is that of the script which is asking right now.
    """

    def __init__(
        self, session: Session, engine: Engine, *, outbound: Outbound, counted: Coverage | None = None
    ) -> None:
        self.instance: Instance = session.instance
        self.session = session
        self.engine = engine
        self.counted = counted
        self.outbound = outbound
        self.broken = False
        self.suspicious = False
        self.untidy = False
        self.querying: set[str] = set()
        self.scope = "global"
        self.interactive = False
        self.errors: list[str] = []
        self.infos: list[str] = []
        self.printed: list[Printed] = []
        self.refusals: list[PlatformError] = []
        self.cursors: dict[int, Iterator[list[Any]]] = {}
        self.client_data: dict[str, str] = {}
        self.rules_running: list[tuple[str, str, str]] = []
        self.bound: dict[str, Any] = {}
        self.web: WebRequest | None = None
        self.ajax: Ajax | None = None
        self.redirect = ""
        self.depth = 0
        self.sandboxed = False
        self.impersonated: list[Session] = []
        self._elevated: dict[tuple[Session, str, bool], Session] = {}
        self._running: list[str] = []

    # who is asking ---------------------------------------------------------------------------------------------------

    def elevated(self, *, workflow: bool = True, enforced: bool = False) -> Session:
        """Return the session that a script's reads and writes go through, in the scope that is asking."""
        if enforced:
            session = self.session.in_scope(self.scope)
            return session if workflow else session.without_business_rules()
        key = (self.session, self.scope, workflow)
        found = self._elevated.get(key)
        if found is None:
            found = self.session.without_access_control()
            if found.scope != self.scope:
                found = found.in_scope(self.scope)
            if not workflow:
                found = found.without_business_rules()
            self._elevated[key] = found
        return found

    @property
    def running(self) -> str:
        """The name of the script that runs."""
        return self._running[-1] if self._running else ""

    # running ---------------------------------------------------------------------------------------------------------

    def package(self, name: str, text: str, *, value: bool = False, returns: bool = False) -> dict[str, Any]:
        """Return a script as the engine takes it.

        `value` asks for what its last expression gives, `returns` lets it return from the top. Raises ScriptSyntax for
        what its mode does not have; what the engine cannot read is refused when it runs.
        """
        source = self.prepared(name, text)
        if source.returns and not returns and not source.broken:
            line = next((n for n, each in enumerate(text.splitlines(), 1) if each.strip().startswith("return")), 1)
            raise ScriptSyntax("invalid return", "SyntaxError", Spot(name, line), excerpt=excerpt(text, line))
        program = source.declares or (value and not source.single and not source.returns)
        if source.returns and returns:
            program = False
        return self.engine.package(name, source, program=program)

    def prepared(self, name: str, text: str) -> Source:
        """Return the prepared text. Raises ScriptSyntax for what the mode of the asking scope does not have."""
        mode = self.mode()
        counted = self.counted is not None and self.counted.wants(name)
        source = prepare(text, mode, counted=counted)
        if source.refusals:
            first = source.refusals[0]
            raise ScriptSyntax(
                f"{first.construct} is not allowed in {mode} mode",
                "SyntaxError",
                Spot(name, first.line, first.column),
                excerpt=excerpt(text, first.line),
            )
        for doubt in source.doubts:
            self.instance.ledger.note("script", doubt, f"the platform does not vouch for them in {mode} mode ({name})")
        self.suspicious = self.suspicious or source.suspicious
        self.untidy = self.untidy or source.leaves_globals or "console" in text  # its counters, timers and groups
        if counted and self.counted is not None:
            self.counted.register(name, source)
        return source

    def mode(self) -> str:
        """Return the language mode: the application's js_level, else property `sandtable.script.mode`."""
        level = ""
        if self.scope != GLOBAL:  # the global application has no mode of its own: each new script has the newest
            key = ("js level", self.scope)
            level = self.instance.cached(key, ("sys_package",), lambda: _js_level(self.instance, self.scope))
        return level or self.instance.property("sandtable.script.mode", ES_LATEST)

    def enter(self, place: str, name: str, request: Mapping[str, Any]) -> Any:
        """Run scripts at a place and return what it answers.

        Raises ScriptThrew, ScriptCancelled, and the platform's own refusals that no script caught.
        """
        if self.depth >= DEEPEST:
            raise ScriptThrew("scripts call each other without end", "RangeError", Spot(name))
        self.depth += 1
        self._running.append(name)
        scope = self.scope
        try:
            answer = self.engine.enter(place, request)
            if self.depth == 1:
                self.engine.run_pending()  # what promises have left to do belongs to the script
        except ScriptStopped as stop:
            if self.engine.interrupted is not None:
                self._raise_interrupted()
            raise ScriptCancelled(name, stop.reason, self.engine.spot(stop.stack)[0]) from None
        except ScriptFailure as failure:
            raise ScriptThrew(failure.message, "InternalError", Spot(name)) from None
        finally:
            self.depth -= 1
            self._running.pop()
            self.scope = scope
        if self.engine.interrupted is not None:
            self._raise_interrupted()
        if "failed" in answer:
            if (answer["failed"]["name"], answer["failed"]["message"]) == OUT_OF_MEMORY:
                raise ScriptCancelled(name, "memory", self.engine.spot(answer["failed"]["stack"])[0])
            error = self._failure(name, answer["failed"])
            if isinstance(error, ScriptThrew):
                error.left = answer["failed"]["left"]
            raise error
        return answer["ok"]

    def _raise_interrupted(self) -> None:
        error, self.engine.interrupted = self.engine.interrupted, None
        if error is not None:
            raise error

    def _failure(self, name: str, failed: Mapping[str, Any]) -> PlatformError:
        if failed["id"] is not None:
            refusal = self.refusals[failed["id"]]
            if isinstance(refusal, THROUGH):
                return refusal
        spot, source = self.engine.spot(failed["stack"])
        spot = spot if spot.script else Spot(name)
        text = platform_words(failed["message"])
        kind = ScriptSyntax if failed["name"] == "SyntaxError" else ScriptThrew
        shown = excerpt(source.text, spot.line) if source is not None else ""
        label = text if failed["thrown"] or failed["name"] in ("", "Error") else text
        return kind(label, failed["name"], spot, thrown=failed["thrown"] or failed["name"] == "Error", excerpt=shown)

    @contextmanager
    def in_scope(self, scope: str) -> Iterator[None]:
        """Ask in the name of another scope for a while."""
        before, self.scope = self.scope, scope
        try:
            yield
        finally:
            self.scope = before

    def refuse(self, error: PlatformError) -> PlatformError:
        """Remember a refusal that goes through scripts, so that it comes out as itself where none catches it."""
        self.refusals.append(error)
        error.script_id = len(self.refusals) - 1  # type: ignore[attr-defined]
        return error


def _js_level(instance: Instance, scope: str) -> str:
    if not instance.dictionary.has("sys_scope"):
        return ""
    found: Record | None = instance.system().table("sys_scope").first(filters={"scope": scope})
    level = (found["js_level"] if found is not None else "").lower()
    if level in ("helsinki_es5", "es5"):
        return "es5"
    return {"traditional": "traditional", "es_latest": ES_LATEST}.get(level, "")
