"""Which roles a user has: granted, through groups and their parents, and contained in other roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandtable.core.query import condition

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

_ROLE_TABLES = ("sys_user_role", "sys_user_role_contains")
_GRANT_TABLES = (
    *_ROLE_TABLES,
    "sys_user_has_role",
    "sys_user_grmember",
    "sys_group_has_role",
    "sys_user_group",
)


def roles_of(instance: Instance, user_sys_id: str) -> frozenset[str]:
    """Return the names of all roles of a user; empty for an unknown one. Cached until a grant changes."""
    if not user_sys_id:
        return frozenset()
    return instance.cached(
        ("roles", user_sys_id), _GRANT_TABLES, lambda: role_names(instance, granted_roles(instance, user_sys_id))
    )


def granted_roles(instance: Instance, user_sys_id: str) -> set[str]:
    """Return the sys_ids of the roles given to a user or to a group the user is in, without the contained ones."""
    system = instance.system()
    user = condition("user", "=", user_sys_id)
    granted = {
        grant["role"] for grant in system.table("sys_user_has_role").query(user) if grant["state"] in ("", "active")
    }
    groups = {member["group"] for member in system.table("sys_user_grmember").query(user)}
    waiting = {group for group in groups if group}
    while waiting:
        group = waiting.pop()
        granted |= {grant["role"] for grant in system.table("sys_group_has_role").query(condition("group", "=", group))}
        record = system.table("sys_user_group").find(group)
        if record is not None and record["parent"] and record["parent"] not in groups:
            groups.add(record["parent"])
            waiting.add(record["parent"])
    return granted


def role_names(instance: Instance, role_ids: Iterable[str]) -> frozenset[str]:
    """Return the names of roles given by sys_id, and of all roles they contain."""
    names, contained = instance.cached(("role graph",), _ROLE_TABLES, lambda: _graph(instance))
    found: set[str] = set()
    waiting = set(role_ids)
    while waiting:
        role = waiting.pop()
        if role not in found:
            found.add(role)
            waiting |= contained.get(role, frozenset())
    return frozenset(names[role] for role in found if role in names)


def _graph(instance: Instance) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    system = instance.system()
    names = {role.sys_id: role["name"] for role in system.table("sys_user_role").query()}
    contained: dict[str, set[str]] = {}
    for record in system.table("sys_user_role_contains").query():
        contained.setdefault(record["role"], set()).add(record["contains"])
    return names, {role: frozenset(parts) for role, parts in contained.items()}
