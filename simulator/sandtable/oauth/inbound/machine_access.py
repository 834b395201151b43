"""Machine identity access controls: the APIs and tables that a web service user is held to, whatever its roles are.

Documented: a user whom a control names reaches nothing but what the control names; it counts for users with web service
access only. The names of the two tables are ours. Source: ServiceNow documentation, machine identity access controls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.values.errors import ApiAccessDenied
from sandtable.oauth.inbound import policies
from sandtable.oauth.records import matching

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record
    from sandtable.oauth.inbound.scopes import Call

CONTROL, MEMBER = "sys_machine_access_control", "sys_machine_access_control_user"
EVERY = "*"


def are_there(instance: Instance) -> bool:
    """Tell whether any active control names a user."""

    def find() -> bool:
        if not (instance.dictionary.has(CONTROL) and instance.dictionary.has(MEMBER)):
            return False  # releases before Zurich
        return bool(instance.system().table(MEMBER).page("access_control.active=true", limit=1, offset=0).records)

    tables = tuple(instance.dictionary.root(each) for each in (CONTROL, MEMBER) if instance.dictionary.has(each))
    return instance.cached(("machine identity access controls",), (*tables, "sys_db_object"), find)


def check(session: Session, call: Call | None, soap_path: str) -> None:
    """Refuse a session whose user is held to other APIs than this one.

    `call` is None for what is no REST call; `soap_path` is empty for what is no direct web service either. Raises
    ApiAccessDenied.
    """
    instance = session.instance
    controls = _controls_of(instance, session.user)
    if not controls:
        return
    table = soap_path.rpartition("/")[2].partition(".do")[0]
    if call is not None and any(_opens_rest(instance, each, call) for each in controls):
        return
    if call is None and table and any(_opens_soap(instance, each, table) for each in controls):
        return
    names = ", ".join(each["name"] for each in controls)
    session.explain(f"{session.user_name} is held to what its machine identity access controls name: {names}")
    raise ApiAccessDenied


def _controls_of(instance: Instance, user: Record | None) -> list[Record]:
    """Return the active controls that hold a user; none for one who may use the pages as well."""
    if user is None or user["web_service_access_only"] != "true":
        return []
    table = instance.system().table(CONTROL)
    found = [table.find(row["access_control"]) for row in matching(instance, MEMBER, user=user.sys_id)]
    return [control for control in found if control is not None and control["active"] == "true"]


def _opens_rest(instance: Instance, control: Record, call: Call) -> bool:
    """Tell whether a control names a REST call: by one of its policies, and its table when the call has one."""
    table = instance.system().table(policies.POLICY)
    named = [table.find(sys_id) for sys_id in _listed(control["rest_api_policy"])]
    if not any(policy is not None and policies.covers_call(instance, policy, call) for policy in named):
        return False
    return not call.table or _opens_table(instance, control, call.table)


def _opens_soap(instance: Instance, control: Record, table: str) -> bool:
    """Tell whether a control names a direct web service: by its table, or all of them with `*`."""
    named = _listed(control["soap_api_policy"])
    return (EVERY in named or table in named) and _opens_table(instance, control, table)


def _opens_table(instance: Instance, control: Record, table: str) -> bool:
    listed = _listed(control["tables"])
    if not listed:
        return True
    dictionary = instance.dictionary
    lineage = dictionary.lineage(table) if dictionary.has(table) else (table,)
    asked = lineage if control["applies_to_child_table"] == "true" else (table,)
    tables = instance.system().table("sys_db_object")
    names = {found["name"] for sys_id in listed if (found := tables.find(sys_id)) is not None}
    return any(name in names or name in listed for name in asked)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
