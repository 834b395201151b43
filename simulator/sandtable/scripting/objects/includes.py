"""Which script a name means: includes by scope and access, texts that scripts have evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandtable.core.security import scope_privileges as scopes
from sandtable.core.values.errors import PlatformError, ScopeAccessNotGranted

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.scripting.run import Run

TABLE, RULES = "sys_script_include", "sys_script"
EVERY_TABLE = "global"
# What the script of a rule on every table declares, at the start of a line, but for what older rules are called by.
DECLARED = re.compile(r"^function\s+([A-Za-z_$][\w$]*)\s*\(", re.MULTILINE)
CALLED = frozenset(("onBefore", "onAfter", "onAsync", "onQuery"))
PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Include:
    """An active script include, or a function of a business rule on every table; `access` is public or package_private.

    `table` says which of the two it is.
    """

    sys_id: str
    name: str
    scope: str
    script: str
    access: str
    client_callable: bool
    sandbox_callable: bool
    table: str = TABLE


def includes_of(instance: Instance) -> dict[tuple[str, str], Include]:
    """Return the active script includes by scope and name, and the functions of business rules on every table.

    Source: ServiceNow documentation, business rules: functions of a global business rule are there for other scripts.
    """
    return instance.cached(("script includes",), (TABLE, RULES, "sys_package"), lambda: _read(instance))


def _read(instance: Instance) -> dict[tuple[str, str], Include]:
    if not instance.dictionary.has(TABLE):
        return {}
    names = instance.scope_names()
    found = _declared(instance, names)
    for record in instance.system().table(TABLE).query("active=true"):
        named = record["api_name"]
        scope = names.get(record["sys_scope"], record["sys_scope"]) or (named.rpartition(".")[0] if named else "")
        scope = scope or scopes.GLOBAL
        found[(scope, record["name"])] = Include(
            record.sys_id,
            record["name"],
            scope,
            record["script"],
            record["access"] or "package_private",
            record["client_callable"] == "true",
            record["sandbox_callable"] == "true",
        )
    return found


def _declared(instance: Instance, names: Mapping[str, str]) -> dict[tuple[str, str], Include]:
    found: dict[tuple[str, str], Include] = {}
    if not instance.dictionary.has(RULES):
        return found
    for record in instance.system().table(RULES).query(f"active=true^collection={EVERY_TABLE}^ORDERBYorder"):
        scope = names.get(record["sys_scope"], record["sys_scope"]) or scopes.GLOBAL
        for name in DECLARED.findall(record["script"]):
            if name not in CALLED:
                callable_by = record["client_callable"] == "true"
                given = (record.sys_id, name, scope, record["script"], PUBLIC, callable_by, callable_by, RULES)
                found.setdefault((scope, name), Include(*given))
    return found


def include(run: Run, name: str, home: str) -> dict[str, Any] | None:
    """Return the script of an include as the asking scope may have it, or None when there is none of that name.

    Without a home, one's own scope is meant. Raises ScopeAccessNotGranted for one that is closed to other scopes.
    """
    known = includes_of(run.instance)
    found = known.get((home or run.scope, name))
    if found is None:
        return None
    if found.scope != run.scope:
        _admit(run, found)
    if run.sandboxed and not (found.sandbox_callable or found.client_callable):
        return None
    return {
        "scope": found.scope,
        "script": _package(run, found),
    }


def _package(run: Run, found: Include) -> dict[str, Any]:
    label = f"{found.table} {found.name}"
    with run.in_scope(found.scope):
        package = run.package(label, found.script)
    if not package["program"]:
        # An include names something of its own; it is a program whatever its text looks like.
        return run.engine.package(label, run.prepared(label, found.script), program=True)
    return package


def _admit(run: Run, found: Include) -> None:
    if (
        found.access != PUBLIC
        and run.scope != found.scope
        and not (run.scope == scopes.GLOBAL and found.scope == scopes.GLOBAL)
    ):
        run.instance.log(
            "warning",
            run.scope,
            f"Illegal access to private script include {found.name} in scope {found.scope}: caller not in scope",
        )
        raise run.refuse(ScopeAccessNotGranted(f"{found.scope}.{found.name}", "execute"))
    if run.scope != scopes.GLOBAL and found.scope == scopes.GLOBAL:
        session = run.session.without_access_control().in_scope(run.scope)
        try:
            scopes.require(session, found.name, scopes.SCRIPT_INCLUDE, scopes.EXECUTE)
        except PlatformError as refusal:
            raise run.refuse(refusal) from None


def is_scope(run: Run, name: str) -> bool:
    """Tell whether script includes live in a scope of this name."""
    return any(scope == name for scope, _ in includes_of(run.instance))


def prepare(run: Run, text: str, label: str) -> dict[str, Any]:
    """Return a text that a script wants evaluated."""
    try:
        return run.package(label, text, value=True)
    except PlatformError as refusal:
        raise run.refuse(refusal) from None


def code(run: Run, key: str) -> str:
    """Return the code of a script that was handed over."""
    return run.engine.code(key)


OPERATIONS: dict[str, Callable[..., Any]] = {"code": code, "include": include, "is_scope": is_scope, "prepare": prepare}
