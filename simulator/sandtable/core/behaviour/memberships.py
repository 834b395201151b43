"""Inherited roles as records: what a user has through groups and contained roles stands in sys_user_has_role too.

Only the rows with `inherited` true are ours to add and remove; the granted ones belong to whoever granted them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandtable.core.platform.writing.rules import DELETE, INSERT, UPDATE, BusinessRule, RuleContext

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session

CONTAINS = "sys_user_role_contains"
_ANY = frozenset({INSERT, UPDATE, DELETE})


def reconcile(session: Session, users: Iterable[str]) -> None:
    """Make the inherited rows of each user (by sys_id) what grants, groups and contained roles call for."""
    grants = session.table("sys_user_has_role")
    for user in users:
        rows = grants.query(f"user={user}")
        granted = {row["role"] for row in rows if row["inherited"] != "true" and row["state"] in ("", "active")}
        wanted = _inherited(session, user, granted)
        for row in rows:
            if row["inherited"] == "true" and row["role"] not in wanted:
                grants.delete(row.sys_id)
        present = {row["role"] for row in rows}
        for role, group in wanted.items():
            if role not in present:
                grants.insert({"user": user, "role": role, "inherited": "true", "granted_by": group, "state": "active"})


def _inherited(session: Session, user: str, granted: set[str]) -> dict[str, str]:
    """Return role -> group that gives it (empty: contained in a granted role), without the granted roles."""
    found: dict[str, str] = {}
    for role in granted:
        for contained in _contained(session, role):
            found.setdefault(contained, "")
    for group in _groups(session, user):
        for grant in session.table("sys_group_has_role").query(f"group={group}"):
            for role in (grant["role"], *_contained(session, grant["role"])):
                found.setdefault(role, group)
    return {role: group for role, group in found.items() if role and role not in granted}


def _contained(session: Session, role: str) -> list[str]:
    instance = session.instance
    contains = instance.cached(("roles in roles",), (CONTAINS,), lambda: _containments(instance))
    found: list[str] = []
    waiting = [role]
    while waiting:
        for contained in contains.get(waiting.pop(), ()):
            if contained not in (role, *found):
                found.append(contained)
                waiting.append(contained)
    return found


def _containments(instance: Instance) -> dict[str, list[str]]:
    """Return the roles that each role contains, directly; by sys_id."""
    found: dict[str, list[str]] = {}
    for record in instance.system().table(CONTAINS).query("roleISNOTEMPTY^containsISNOTEMPTY"):
        found.setdefault(record["role"], []).append(record["contains"])
    return found


def _groups(session: Session, user: str) -> list[str]:
    """Return the groups a user is in, and the groups above them."""
    found: list[str] = []
    waiting = [member["group"] for member in session.table("sys_user_grmember").query(f"user={user}")]
    while waiting:
        group = waiting.pop()
        record = session.table("sys_user_group").find(group) if group and group not in found else None
        if record is not None:
            found.append(group)
            waiting.append(record["parent"])
    return found


def _both(context: RuleContext, element: str) -> set[str]:
    """Return the value of a column before and after the write."""
    before = context.previous[element] if context.previous is not None else ""
    return {before, context.current[element]} - {""}


def _after_user_change(context: RuleContext) -> None:
    if context.table == "sys_user_has_role" and context.current["inherited"] == "true":
        return
    reconcile(context.elevated, _both(context, "user"))


def _after_group_role(context: RuleContext) -> None:
    reconcile(context.elevated, _members(context.elevated, _both(context, "group")))


def _after_group(context: RuleContext) -> None:
    if context.changed("parent"):
        reconcile(context.elevated, _members(context.elevated, {context.sys_id}))


def _members(session: Session, groups: Iterable[str]) -> list[str]:
    """Return the users in any of the groups or in a group below one."""
    users: dict[str, None] = {}
    seen: set[str] = set()
    waiting = list(groups)
    while waiting:
        group = waiting.pop()
        if group in seen:
            continue
        seen.add(group)
        users |= {member["user"]: None for member in session.table("sys_user_grmember").query(f"group={group}")}
        waiting += [child.sys_id for child in session.table("sys_user_group").query(f"parent={group}")]
    return [user for user in users if user]


def _after_containment(context: RuleContext) -> None:
    session = context.elevated
    holders: dict[str, None] = {}
    for role in _both(context, "role"):
        for row in session.table("sys_user_has_role").query(f"role={role}"):
            holders[row["user"]] = None
    reconcile(session, [user for user in holders if user])


RULES = (
    BusinessRule("Inherit contained roles", "sys_user_has_role", "after", _ANY, _after_user_change),
    BusinessRule("Inherit the group's roles", "sys_user_grmember", "after", _ANY, _after_user_change),
    BusinessRule("Pass the role to members", "sys_group_has_role", "after", _ANY, _after_group_role),
    BusinessRule("Pass roles of the parent group", "sys_user_group", "after", frozenset({UPDATE}), _after_group),
    BusinessRule("Pass contained roles to holders", CONTAINS, "after", _ANY, _after_containment),
)
