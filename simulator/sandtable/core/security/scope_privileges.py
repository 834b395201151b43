"""Cross-scope privileges: what one application's scripts may do in another's scope.

Each privilege is a record of sys_scope_privilege. How a missing one is treated is up to the source application's
runtime access tracking: None asks nothing, Tracking writes the record as allowed, Enforcing writes it as requested and
refuses until an administrator allows it. Source: ServiceNow documentation, application cross-scope access.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.values.errors import ScopeAccessNotGranted, TableScopeRefused

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

GLOBAL = "global"
TABLE, SCRIPTABLE, SCRIPT_INCLUDE = "sys_db_object", "scriptable", "sys_script_include"
EXECUTE = "execute"
ALLOWED, REQUESTED, DENIED = "allowed", "requested", "denied"
NONE, TRACKING, ENFORCING = "none", "tracking", "enforcing"
_FLAGS = {"read": "read_access", "create": "create_access", "write": "update_access", "delete": "delete_access"}
_PRIVILEGE_TABLES = ("sys_scope_privilege", "sys_db_object", "sys_package")


@dataclass(frozen=True, slots=True)
class Privilege:
    """What an application needs: a target by name, its type, and the operation; targets are in the global scope."""

    target_name: str
    target_type: str = SCRIPTABLE
    operation: str = EXECUTE


def require(session: Session, target_name: str, target_type: str, operation: str) -> None:
    """Refuse what a script of the session's scope is about to do unless a privilege allows it.

    `target_type` is `sys_db_object`, `scriptable` or `sys_script_include`; `operation` is read, create, write, delete
    or execute. Nothing is asked in the global scope. Raises ScopeAccessNotGranted, TableScopeRefused.
    """
    source = session.scope
    if source == GLOBAL:
        return
    instance = session.instance
    if target_type == TABLE:
        _refuse_by_table_flags(session, target_name, operation)
        if instance.dictionary.has(target_name) and instance.dictionary.table(target_name).scope == source:
            return
    status = _status(instance, source, target_name, target_type, operation)
    if status == ALLOWED:
        return
    tracking = tracking_of(instance, source)
    if tracking == NONE:
        return
    if status is None and tracking == TRACKING:
        _record(session, target_name, target_type, operation, ALLOWED)
        return
    if status is None:
        _record(session, target_name, target_type, operation, REQUESTED)
    session.explain(
        f"cross-scope privilege {operation} {target_name} of scope {source} is {status or 'missing'}; "
        "it must be a sys_scope_privilege record with status allowed"
    )
    instance.log("warning", source, _log_text(source, target_name, target_type, operation))
    raise ScopeAccessNotGranted(target_name, operation)


def require_privilege(session: Session, privilege: Privilege) -> None:
    """Do as `require` for a declared privilege."""
    require(session, privilege.target_name, privilege.target_type, privilege.operation)


def tracking_of(instance: Instance, scope: str) -> str:
    """Return the runtime access tracking of an application: `none`, `tracking` or `enforcing` (also when unknown)."""
    record = scope_record(instance, scope)
    return (record["runtime_access_tracking"] if record is not None else "") or ENFORCING


def scope_record(instance: Instance, scope: str) -> Record | None:
    """Return the application record of a scope, or None."""

    def find() -> Record | None:
        found = instance.system().table("sys_scope").query(f"scope={scope}", limit=1)
        return found[0] if found else None

    return instance.cached(("scope record", scope), ("sys_package",), find)


def _status(instance: Instance, source: str, name: str, kind: str, operation: str) -> str | None:
    """Return the best status among the privileges that fit, or None without any."""
    statuses = instance.cached(("privileges", source), _PRIVILEGE_TABLES, lambda: _statuses(instance, source))
    return statuses.get((kind, operation, name.casefold()))


def _statuses(instance: Instance, source: str) -> dict[tuple[str, str, str], str]:
    application, home = scope_record(instance, source), scope_record(instance, GLOBAL)
    sources = {source} | ({application.sys_id} if application is not None else set())
    targets = {GLOBAL} | ({home.sys_id} if home is not None else set())
    found: dict[tuple[str, str, str], str] = {}
    rank = (DENIED, REQUESTED, ALLOWED)
    for record in instance.system().table("sys_scope_privilege").query():
        if record["source_scope"] not in sources or record["target_scope"] not in targets:
            continue
        name = record["target_name"]
        names = {name.casefold()}
        if record["target_type"] == TABLE:
            # The form shows a table by its label, and the guides print that.
            names |= {table.name for table in instance.dictionary.tables() if table.label.casefold() in names}
        for each in names:
            key = (record["target_type"], record["operation"], each)
            status = record["status"] if record["status"] in rank else REQUESTED
            if key not in found or rank.index(status) > rank.index(found[key]):
                found[key] = status
    return found


def _refuse_by_table_flags(session: Session, table: str, operation: str) -> None:
    """A privilege never exceeds what the table itself lets other scopes do."""
    instance = session.instance
    records = instance.cached(
        ("table flags", table),
        ("sys_db_object",),
        lambda: instance.system().table("sys_db_object").query(f"name={table}"),
    )
    if not records or (instance.dictionary.has(table) and instance.dictionary.table(table).scope == session.scope):
        return
    record = records[0]
    if record["access"] == "package_private" or record[_FLAGS[operation]] == "false":
        session.explain(f"table {table} itself refuses {operation} to other scopes")
        instance.log("warning", session.scope, _log_text(session.scope, table, TABLE, operation))
        raise TableScopeRefused(table, operation.capitalize(), session.scope)


def _record(session: Session, name: str, kind: str, operation: str, status: str) -> None:
    instance = session.instance
    application, home = scope_record(instance, session.scope), scope_record(instance, GLOBAL)
    session.without_access_control().in_scope(GLOBAL).table("sys_scope_privilege").insert(
        {
            "source_scope": application.sys_id if application is not None else session.scope,
            "target_scope": home.sys_id if home is not None else GLOBAL,
            "target_name": name,
            "target_type": kind,
            "operation": operation,
            "status": status,
        }
    )


def _log_text(source: str, name: str, kind: str, operation: str) -> str:
    if kind == TABLE:
        return (
            f"{operation.capitalize()} operation against '{name}' from scope '{source}'"
            " has been refused due to the table's cross-scope access policy"
        )
    return (
        f"Access to api '{name.rpartition('.')[2]}' from scope '{source}'"
        " has been refused due to the api's cross-scope access policy"
    )
