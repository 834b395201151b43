"""Roles and privileges that are taken away and given back, as an administrator does it."""

from __future__ import annotations

from sandtable_scenarios.actions.attempts import obstruct
from sandtable_scenarios.actions.credentials import user_record
from sandtable_scenarios.stage.findings import Unavailable
from sandtable_scenarios.stage.world import World

GOOD_USER = {"active": "true", "locked_out": "false"}


def take_role(world: World, role: str) -> None:
    """Take a role from the integration user; it is remembered for `give_role`."""
    table = world.instance.table
    world.require_control()
    user = user_record(world)["sys_id"]
    rows = table.rows("sys_user_has_role", f"user={user}^role.name={role}", ("sys_id", "role"))
    if not rows:
        raise Unavailable(f"the integration user does not have the role {role!r}")
    for row in rows:
        table.delete("sys_user_has_role", row["sys_id"])
    world.facts[f"role {role}"] = {"user": user, "role": rows[0]["role"]}
    obstruct(world, f"role {role}", stands=True)


def give_role(world: World, role: str) -> None:
    """Give the integration user a role back that was taken from it."""
    world.require(f"role {role}" in world.facts)
    world.instance.table.insert("sys_user_has_role", world.facts[f"role {role}"])
    obstruct(world, f"role {role}", stands=False)


def grant(world: World, *roles: str) -> None:
    """Give the integration user more roles."""
    table = world.instance.table
    world.require_control()
    user = user_record(world)["sys_id"]
    for role in roles:
        rows = table.rows("sys_user_role", f"name={role}", ("sys_id",), 1)
        if not rows:
            raise Unavailable(f"the instance has no role {role!r}")
        table.insert("sys_user_has_role", {"user": user, "role": rows[0]["sys_id"], "state": "active"})


def set_privilege(world: World, name: str, status: str) -> None:
    """Set the status of the application's cross-scope privilege: allowed, requested or denied."""
    table = world.instance.table
    world.require_control()
    rows = table.rows("sys_scope_privilege", f"target_name={name}", ("sys_id",))
    if not rows:
        raise Unavailable(f"there is no cross-scope privilege for {name!r}")
    for row in rows:
        table.update("sys_scope_privilege", row["sys_id"], {"status": status})
    obstruct(world, f"privilege {name}", stands=status != "allowed")


def set_user(world: World, column: str, value: str) -> None:
    """Change a column of the integration user's record, such as active or locked_out."""
    world.require_control()
    world.instance.table.update("sys_user", user_record(world)["sys_id"], {column: value})
    obstruct(world, f"user {column}", stands=value != GOOD_USER.get(column, value))
    if column == "active" and value == "false":
        # An instance locks the users that it makes inactive.
        obstruct(world, "user locked_out", stands=True)


ACTIONS = {"take_role": take_role, "give_role": give_role, "set_privilege": set_privilege, "set_user": set_user}
