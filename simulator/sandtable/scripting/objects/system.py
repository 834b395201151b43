"""What gs asks of the instance: the log, properties, messages, events, jobs; and what the ledger is told of scripts."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from sandtable.core.security.scope_privileges import GLOBAL, scope_record
from sandtable.scripting.engine.syntax import syntax_error
from sandtable.scripting.run import Printed

if TYPE_CHECKING:
    from sandtable.scripting.run import Run

SCRIPT_SOURCE = "*** Script"
NOW = "sandtable:now"
_UNDEFINED = re.compile(r'^"([^"]+)" is not defined\.$')


# The names are part of the program, so instances may share them.
@lru_cache(maxsize=1)
def known_names() -> dict[str, frozenset[str]]:
    """Return the methods that the platform is known to have, by class; `classes` are the names of all others."""
    text = (resources.files("sandtable.scripting") / "glide" / "known_names.json").read_text("utf-8")
    return {name: frozenset(methods) for name, methods in json.loads(text).items()}


def is_known(run: Run, owner: str, name: str) -> bool:
    """Tell whether the platform has this method of a class, or this class (owner empty)."""
    names = known_names()
    if owner in ("GlideRecordSecure", "GlideAggregate") and name in names["GlideRecord"]:
        return True
    return name in names.get(owner or "classes", frozenset())


def note(run: Run, kind: str, name: str, detail: str) -> None:
    """Tell the ledger of something that is not simulated."""
    where = f"{detail} ({run.running})" if run.running else detail
    run.instance.ledger.note(kind, name, where)


def missing_call(run: Run, kind: str, message: str, stack: str) -> str:
    """Tell the ledger of a call of something that is not there, and return the platform's text for it."""
    undefined = _UNDEFINED.match(message)
    if undefined:
        name = undefined.group(1)
        if name in known_names()["classes"] or name.startswith(("Glide", "sn_")):
            note(run, "script", _whole_name(run, stack, name), "this class of the platform is not simulated")
        return message
    if kind != "TypeError":
        return message
    spot, source = run.engine.spot(stack)
    if source is None or not spot.line:
        return message
    line = source.text.splitlines()[spot.line - 1] if spot.line <= source.text.count("\n") + 1 else ""
    calls = re.findall(r"(?:([\w$]+(?:\.[\w$]+|\[[^\]]*\]|\([^()]*\))*)\.)?([\w$]+)\s*\(", line)
    prepared = source.prepared.splitlines()[spot.line - 1] if spot.line <= source.prepared.count("\n") + 1 else ""
    position = prepared[max(0, spot.column - 2) :]
    near = re.match(r"\W{0,2}([\w$]+)", position)
    wanted = near.group(1) if near else ""
    chosen = next((each for each in calls if each[1] == wanted), calls[0] if len(calls) == 1 else None)
    if chosen is None:
        return message
    owner, name = chosen
    if not owner:
        return f"{name} is not a function."
    note(run, "script", f"{owner}.{name}", "there is no such function; the call is an error")
    return f"Cannot find function {name} in object {owner}."


def _whole_name(run: Run, stack: str, name: str) -> str:
    """Return a name with the members that the script asks of it: `sn_cmdb.IdentificationEngine`."""
    spot, source = run.engine.spot(stack)
    lines = source.text.splitlines() if source is not None else []
    line = lines[spot.line - 1] if 0 < spot.line <= len(lines) else ""
    found = re.search(rf"\b{re.escape(name)}(?:\.[\w$]+)*", line)
    return found.group() if found else name


def flag(run: Run, name: str, default: bool) -> bool:  # noqa: FBT001 - asked from a script, by position
    """Return a switch of the instance."""
    return run.instance.property_is_true(name, default)


# log and messages ----------------------------------------------------------------------------------


def log(run: Run, level: str, source: str, text: str) -> None:
    """Write a line to the system log; debug lines go nowhere unless the instance is set to keep them."""
    shown = source or (SCRIPT_SOURCE if run.scope == GLOBAL else run.scope)
    run.printed.append(Printed(level, shown, text))
    run.outbound.log_sources.add(shown)
    if level == "debug" and not run.instance.property_is_true("sandtable.script.log_debug", True):
        return
    run.instance.log(level, shown, text)


def print(run: Run, text: str) -> None:  # noqa: A001 - the operation's name
    """Write a line for whoever started the script; no log line."""
    run.printed.append(Printed("print", SCRIPT_SOURCE, text))


def import_log(run: Run, level: str, text: str, source: str) -> None:
    """Write a line of a transform to the import log."""
    run.printed.append(Printed(level, source, text))
    if run.instance.dictionary.has("import_log"):
        run.session.without_access_control().table("import_log").insert(
            {"level": level, "source": source, "message": text}
        )
        return
    run.instance.log(level, source, text)


def message(run: Run, kind: str, text: str) -> None:
    """Keep a message for the session's user; callers of web services never see it."""
    (run.errors if kind == "error" else run.infos).append(text)
    run.session.explain(f"a script told the user ({kind}): {text}")


def messages(run: Run, kind: str) -> list[str]:
    """Return the messages kept so far."""
    return list(run.errors if kind == "error" else run.infos)


def flush_messages(run: Run) -> None:
    """Forget the messages."""
    run.errors.clear()
    run.infos.clear()


def ui_message(run: Run, key: str, language: str = "") -> str:
    """Return the text of a message key in a language; a key that nobody knows is its own text."""
    if not run.instance.dictionary.has("sys_ui_message"):
        return key
    wanted = language or run.session.language
    found = (
        run.instance.system()
        .table("sys_ui_message")
        .page("", limit=50, offset=0, count=False, filters={"key": key})
        .records
    )
    texts = {each["language"] or "en": each["message"] for each in found if each["key"] == key}
    return texts.get(wanted) or texts.get("en") or key


# properties ----------------------------------------------------------------------------------


def property(run: Run, name: str) -> str | None:  # noqa: A001 - the operation's name
    """Return a system property, or None where there is none."""
    mark = "\0none"
    found = run.instance.property(name, mark)
    return None if found == mark else found


def set_property(run: Run, name: str, value: str, description: str) -> None:
    """Write a system property, as scripts do: no rule about who may."""
    access = run.session.without_access_control().table("sys_properties")
    found = access.first(filters={"name": name})
    values = {"value": value, **({"description": description} if description else {})}
    if found is not None:
        access.update(found.sys_id, values)
    else:
        access.insert({"name": name, **values})


# events and jobs ----------------------------------------------------------------------------------


def event(run: Run, name: str, table: str, sys_id: str, first: str, second: str, queue: str, when: str) -> None:
    """Put an event into the queue; it is processed later, by script actions. An unregistered one is told of."""
    instance = run.instance
    known = instance.dictionary.has("sysevent_register") and instance.system().table("sysevent_register").first(
        filters={"event_name": name}
    )
    if not known:
        run.session.explain(f"event {name} is not registered (sysevent_register)")
        if run.scope != GLOBAL:
            instance.ledger.note("event", name, "not registered; a scoped application's event then fails silently")
            return
    run.session.without_access_control().table("sysevent").insert(
        {
            "name": name,
            "table": table,
            "instance": sys_id,
            "parm1": first,
            "parm2": second,
            "queue": queue,
            "state": "ready",
            "process_on": when or instance.clock.text(),
            "user_id": run.session.user_sys_id,
            "user_name": run.session.user_name,
        }
    )


def execute_now(run: Run, table: str, sys_id: str) -> str | None:
    """Have a scheduled script run at once."""
    run.session.without_access_control().table("sys_trigger").insert(
        {
            "name": f"Run {sys_id}",
            "next_action": run.instance.clock.text(),
            "document": table,
            "document_key": sys_id,
            "trigger_type": "0",
            "state": "0",
            "job_context": NOW,
        }
    )
    return sys_id


def scope_id(run: Run, scope: str) -> str:
    """Return the sys_id of a scope's application record, or `global`."""
    found = scope_record(run.instance, scope)
    return found.sys_id if found is not None else scope


def scope_name(run: Run, scope: str) -> str:
    """Return the name of a scope's application."""
    found = scope_record(run.instance, scope)
    return found["name"] if found is not None else "Global"


def mode(run: Run) -> str:
    """Return the language mode of the scope that asks."""
    return run.mode()


def script_error(run: Run, text: str) -> str | None:
    """Return why a script cannot be read, or None."""
    refusal = syntax_error(text, run.mode())
    return None if refusal is None else refusal.message


def company_code(run: Run) -> str:
    """Return the company's code, which names scopes and global APIs."""
    return run.instance.property("glide.appcreator.company.code", "snc")


def base_url(run: Run) -> str:
    """Return the address of the instance."""
    return (
        run.instance.property("glide.servlet.uri")
        or run.instance.base_url
        or f"https://{run.instance.name}.service-now.com/"
    )


def node(run: Run, part: str) -> str:
    """Return the node's id or name."""
    return run.instance.name if part == "name" else "sandtable"


def sleep(run: Run, milliseconds: float) -> None:
    """Let time pass on the instance's clock; nobody waits for it, a request included."""
    run.instance.clock.advance(timedelta(milliseconds=max(0.0, milliseconds)))


def redirect(run: Run, url: str) -> None:
    """Remember where a page would lead on to."""
    run.redirect = url


def plugin_active(run: Run, identity: str) -> bool:
    """Tell whether a plugin is active."""
    found = run.instance.system().table("sys_plugins").query(f"source={identity}^active=true", limit=1)
    return bool(found)


def workflow_by_name(run: Run, name: str) -> str | None:
    """Return the sys_id of a workflow; none is simulated."""
    run.instance.ledger.note("script", "Workflow.getWorkflowFromName", f"workflows are not simulated: {name}")
    return None


def _names() -> dict[str, Any]:
    found = (
        is_known, note, missing_call, flag, log, print, import_log, message, messages, flush_messages, ui_message,
        property, set_property, event, execute_now, scope_id, scope_name, mode,
        script_error, company_code, base_url, node, sleep, redirect,
        plugin_active, workflow_by_name,
    )  # fmt: skip
    return {each.__name__: each for each in found}


OPERATIONS = _names()
