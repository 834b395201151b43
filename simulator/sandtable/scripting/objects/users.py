"""What GlideUser and GlideSession ask of the instance: who is at work, their roles, groups and preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.core.security.roles import roles_of as all_roles
from sandtable.core.values.texts import comma_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandtable.scripting.run import Run

_FIELDS = ("first_name", "last_name", "email", "title", "company", "department", "manager", "location")


def _described(run: Run, values: Mapping[str, str], sys_id: str, user_name: str) -> dict[str, str]:
    found = {name: values.get(name, "") for name in _FIELDS}
    session = run.session
    found |= {"sys_id": sys_id, "user_name": user_name, "name": values.get("name", "") or user_name}
    found["language"] = values.get("preferred_language", "") or session.language
    found["time_zone"] = values.get("time_zone", "") or session.time_zone
    found["date_format"] = values.get("date_format", "") or session.date_format
    found["time_format"] = values.get("time_format", "") or session.time_format
    return found


def user(run: Run) -> dict[str, str]:
    """Return who the script runs as."""
    session = run.session
    return _described(run, session.user or {}, session.user_sys_id, session.user_name)


def user_by(run: Run, field: str, value: str) -> dict[str, str] | None:
    """Return a user by a field, or None."""
    if not value:
        return None
    found = run.instance.system().table("sys_user").first(filters={field: value})
    return None if found is None else _described(run, found, found.sys_id, found["user_name"])


def has_role(run: Run, roles: str) -> bool:
    """Tell whether the user has any role of a comma list; an administrator has all."""
    names = comma_list(roles)
    return run.session.has_role(*names) if names else False


def user_has_role(run: Run, sys_id: str, role: str) -> bool:
    """Tell whether another user has a role."""
    roles = all_roles(run.instance, sys_id)
    return role in roles or "admin" in roles


def roles_of(run: Run, sys_id: str, direct: bool) -> list[str]:  # noqa: FBT001 - asked from a script, by position
    """Return the names of a user's roles; `direct` leaves out what groups and other roles bring."""
    if not direct:
        return sorted(all_roles(run.instance, sys_id))
    system = run.instance.system()
    links = system.table("sys_user_has_role").query(f"user={sys_id}^inherited!=true")
    names = (system.table("sys_user_role").find(link["role"]) for link in links)
    return sorted(role["name"] for role in names if role is not None)


def groups_of(run: Run, sys_id: str) -> list[str]:
    """Return the sys_ids of a user's groups."""
    return [each["group"] for each in run.instance.system().table("sys_user_grmember").query(f"user={sys_id}")]


def is_member(run: Run, sys_id: str, group: str) -> bool:
    """Tell whether a user is in a group, by its name or sys_id."""
    groups = groups_of(run, sys_id)
    if group in groups:
        return True
    found = run.instance.system().table("sys_user_group").first(filters={"name": group})
    return found is not None and found.sys_id in groups


def has_role_in_group(run: Run, role: str, group: str) -> bool:
    """Tell whether the user has a role through a group."""
    if not is_member(run, run.session.user_sys_id, group):
        return False
    system = run.instance.system()
    links = system.table("sys_group_has_role").query(f"group={group}")
    return any(
        found is not None and found["name"] == role
        for found in (system.table("sys_user_role").find(link["role"]) for link in links)
    )


def preference(run: Run, name: str, sys_id: str = "") -> str | None:
    """Return a user's preference, or the one for everybody, or None."""
    if not run.instance.dictionary.has("sys_user_preference"):
        return None
    access = run.instance.system().table("sys_user_preference")
    for query in (f"user={sys_id or run.session.user_sys_id}^name={name}", f"userISEMPTY^name={name}"):
        found = access.first(query)
        if found is not None:
            return found["value"]
    return None


def save_preference(run: Run, name: str, value: str, sys_id: str) -> None:
    """Write a user's preference."""
    if not run.instance.dictionary.has("sys_user_preference"):
        run.instance.ledger.note("script", "GlideUser.savePreference", "there is no table sys_user_preference")
        return
    access = run.instance.system().table("sys_user_preference")
    found = access.first(f"user={sys_id}^name={name}")
    if found is not None:
        access.update(found.sys_id, {"value": value})
    else:
        access.insert({"user": sys_id, "name": name, "value": value})


def impersonate(run: Run, sys_id: str) -> str:
    """Go on as another user; return the sys_id of who it was before."""
    before = run.session
    found = run.instance.system().table("sys_user").find(sys_id)
    if found is None:
        return ""
    if run.impersonated and found.sys_id == run.impersonated[0].user_sys_id:
        run.session = run.impersonated[0]  # who it was at first is nobody else again
        run.impersonated.clear()
    else:
        run.impersonated.append(before)
        run.session = run.instance.acting_as(found)
    return before.user_sys_id


def can_impersonate(run: Run, sys_id: str) -> bool:
    """Tell whether the script may go on as a user: for an administrator, or who was one, and a user who is active."""
    found = run.instance.system().table("sys_user").find(sys_id)
    first = run.impersonated[0] if run.impersonated else run.session
    return found is not None and found["active"] == "true" and first.is_admin


def unimpersonate(run: Run) -> str:
    """Go on as who it was before."""
    if run.impersonated:
        run.session = run.impersonated.pop()
    return run.session.user_sys_id


def is_impersonating(run: Run) -> bool:
    """Tell whether the script goes on as another user."""
    return bool(run.impersonated)


def is_interactive(run: Run) -> bool:
    """Tell whether the user sits before a page; web services are not."""
    return run.interactive


def session_id(run: Run) -> str:
    """Return an id of the run."""
    return run.client_data.setdefault("\0session", run.instance.new_sys_id().upper())


def client_data(run: Run, name: str) -> str | None:
    """Return what a script has kept for the client."""
    return run.client_data.get(name)


def put_client_data(run: Run, name: str, value: str | None) -> None:
    """Keep something for the client, or forget it."""
    if value is None:
        run.client_data.pop(name, None)
    else:
        run.client_data[name] = value


def client_ip(run: Run) -> str:
    """Return the address of the caller, who is on this machine."""
    return "127.0.0.1"


def _names() -> dict[str, Any]:
    found = (
        user, user_by, has_role, user_has_role, roles_of, groups_of, is_member, has_role_in_group, preference,
        save_preference, impersonate, can_impersonate, unimpersonate, is_impersonating, is_interactive, session_id,
        client_data, put_client_data, client_ip,
    )  # fmt: skip
    return {each.__name__: each for each in found}


OPERATIONS = _names()
