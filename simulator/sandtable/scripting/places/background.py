"""Scripts that somebody starts by hand or from a page: background and fix scripts, client calls, processors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from sandtable.core.security.scope_privileges import GLOBAL
from sandtable.core.values.errors import AccessDenied, PlatformError
from sandtable.core.values.texts import comma_list
from sandtable.scripting.engine.failures import ScriptCancelled, ScriptThrew
from sandtable.scripting.objects.includes import includes_of
from sandtable.scripting.places.telling import scope_of, tell
from sandtable.scripting.run import Ajax, Printed

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.scripting.pool import Pool

IS_PUBLIC = "glide.script.ccsi.ispublic"


@dataclass(frozen=True, slots=True)
class ScriptOutcome:
    """What came of a script: the lines it wrote, the value of its last expression, or why it failed.

    `value` is a JSON value, None where there is none; `kind` is its JavaScript type. `line` is that of the error, 0
    without one. `cancelled` says that it was stopped and that what it wrote was taken back.
    """

    lines: tuple[Printed, ...]
    value: Any = None
    kind: str = "undefined"
    error: str = ""
    line: int = 0
    cancelled: bool = False
    messages: tuple[str, ...] = ()
    redirect: str = field(default="", compare=False)

    @property
    def failed(self) -> bool:
        return bool(self.error)

    def shown(self) -> dict[str, Any]:
        """Return the same as a JSON object."""
        return {
            "lines": [{"level": each.level, "source": each.source, "text": each.text} for each in self.lines],
            "value": self.value,
            "type": self.kind,
            "error": self.error,
            "line": self.line,
            "cancelled": self.cancelled,
            "messages": list(self.messages),
        }

    def printed(self) -> list[str]:
        """Return the lines as the page for background scripts shows them."""
        return [f"{each.source}: {text}" for each in self.lines for text in each.text.split("\n") or [""]]


def run(pool: Pool, session: Session, script: str, *, scope: str, name: str) -> ScriptOutcome:
    """Run a script and return what came of it; a stopped one leaves nothing, a failed one what it had written."""
    import json

    instance = session.instance
    script = script.encode("utf-8", "replace").decode("utf-8")
    lines: list[Printed] = []
    messages: list[str] = []
    try:
        with instance.transaction(), pool.run(session) as found:
            pool.rearm(found)
            before = len(found.printed)
            try:
                with found.in_scope(scope):
                    package = found.package(name, script, value=True)
                    value = found.enter("plain", name, {"script": package, "scope": scope})
            except ScriptCancelled:
                lines += found.printed[before:]
                raise
            except ScriptThrew as error:
                tell(session, error, name)
                lines += found.printed[before:]
                return ScriptOutcome(tuple(lines), error=error.message, line=error.spot.line)
            except PlatformError as refusal:
                lines += found.printed[before:]
                return ScriptOutcome(tuple(lines), error=str(refusal))
            lines += found.printed[before:]
            messages += [*found.errors, *found.infos]
            redirect = found.redirect
    except ScriptCancelled as stopped:
        return ScriptOutcome(tuple(lines), error=stopped.message, cancelled=True)
    parsed = json.loads(value["json"]) if value["json"] is not None else None
    return ScriptOutcome(tuple(lines), parsed, value["kind"], messages=tuple(messages), redirect=redirect)


# client calls ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AjaxAnswer:
    """What a client-callable script include answers, as the XML that the page's script reads."""

    answer: str | None
    items: tuple[tuple[str, Mapping[str, str]], ...]
    error: str
    parameters: Mapping[str, str]

    def to_xml(self) -> str:
        """Return the document: the answer as an attribute of its root, an element for each item."""
        attributes = dict(self.parameters)
        if self.answer is not None:
            attributes["answer"] = self.answer
        if self.error:
            attributes["error"] = self.error
        for name, values in self.items:
            if not name:
                attributes |= values
        head = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
        body = "".join(
            f"<{name}{''.join(f' {key}={chr(34)}{escape(value)}{chr(34)}' for key, value in values.items())}/>"
            for name, values in self.items
            if name
        )
        return f'<?xml version="1.0" encoding="UTF-8"?><xml{head}>{body}</xml>'


def ajax(pool: Pool, session: Session, name: str, parameters: Mapping[str, str]) -> AjaxAnswer:
    """Answer a client's call of a script include. Raises AccessDenied for one that clients may not call."""
    instance = session.instance
    asked = parameters.get("sysparm_scope") or GLOBAL
    scope, _, short = name.rpartition(".") if "." in name else (asked, "", name)
    known = includes_of(instance).get((scope, short)) or includes_of(instance).get((GLOBAL, short))
    if known is None or not known.client_callable:
        session.explain(f"there is no client-callable script include {name}")
        raise AccessDenied("Read")
    label = f"sys_script_include {known.name}"
    shown = {key: value for key, value in parameters.items() if key.startswith("sysparm_")}
    with instance.transaction(), pool.run(session) as found:
        pool.rearm(found)
        found.interactive = True
        found.ajax = Ajax(dict(parameters))
        request = {"name": known.name, "home": known.scope, "scope": known.scope}
        with found.in_scope(known.scope):
            if session.user_name in ("", "guest"):
                open_to_guests = found.enter("ajax", label, request | {"check": True})["open"]
                if open_to_guests is None:
                    open_to_guests = instance.property_is_true(IS_PUBLIC, False)
                if not open_to_guests:
                    raise AccessDenied("Read")
            if parameters.get("sysparm_name", "").startswith("_"):
                return AjaxAnswer(None, (), "", shown)
            answer = found.enter("ajax", label, request)["answer"]
        given = found.ajax
        text = given.answer if given.answer is not None else answer
        return AjaxAnswer(text, tuple(given.items), given.error, shown)


# processors ----------------------------------------------------------------------------------


def processor(pool: Pool, session: Session, path: str, request: Mapping[str, object]) -> Mapping[str, object] | None:
    """Answer a request for a processor's path; None when there is no active one. Raises AccessDenied, ScriptThrew."""
    instance = session.instance
    if not instance.dictionary.has("sys_processor"):
        return None
    records = instance.cached(
        ("processors",),
        ("sys_processor",),
        lambda: instance.system().table("sys_processor").query("active=true^type=script"),
    )
    record: Record | None = next((each for each in records if each["path"] == path and each["script"].strip()), None)
    if record is None:
        return None
    roles = comma_list(record["roles"])
    if roles and not session.has_role(*roles):
        raise AccessDenied("Read")
    name, scope = f"sys_processor {record['name']}", scope_of(instance, record)
    with instance.transaction(), pool.run(session) as found:
        pool.rearm(found)
        with found.in_scope(scope):
            given = {
                "script": found.package(name, record["script"]),
                "request": request,
                "target": path,
                "scope": scope,
            }
            answer: Mapping[str, object] = found.enter("processor", name, given)
            return answer
