"""The restriction of Basic authentication: people's passwords no longer open the APIs of newer instances.

Source: ServiceNow documentation, restriction of Basic authentication and its exceptions; what a refused caller and the
system log are told is from observers of 2026 (LetPeopleWork/Lighthouse and others). Passwords at the token endpoint,
sessions and tokens are not concerned. Not simulated: one-time codes, and that the restriction needs the plugin for
several factors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.security.roles import roles_of
from sandtable.core.values.texts import comma_list

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

PREFIX = "glide.authenticate.basic_auth."
EXCEPTIONS = "sys_user_basic_auth_exception"
ROLE, EXTERNAL = "snc_basic_auth_api_access", "snc_external"
GATE = "SNCRestrictBasicAuthUserAuthenticationGate"


def refuses_basic(instance: Instance, user: Record) -> str:
    """Return why a user's right password does not open an API; empty when it does. What is only watched is recorded."""
    if not instance.property_is_true("glide.authenticate.basic_auth.restriction.active", False):
        return ""
    exempt = _exempt(instance, user)
    if exempt is not None:
        return "" if exempt else _refusal(instance, user)
    if not _in_force(instance):
        _watch(instance, user)
        return ""
    return _refusal(instance, user)


def _exempt(instance: Instance, user: Record) -> bool | None:
    """Return whether a user is let by or kept out before date and mode are asked; None when those decide."""
    if user["web_service_access_only"] == "true":
        return True
    roles = roles_of(instance, user.sys_id)
    if EXTERNAL in roles:
        return instance.property_is_true("glide.authenticate.basic_auth.allow_snc_external", True)
    if user.sys_id in comma_list(instance.property("glide.authenticate.basic_auth.allowed_users")):
        return True
    allowed = frozenset(comma_list(instance.property("glide.authenticate.basic_auth.allowed_roles", ROLE)))
    return True if roles & allowed else None


def _in_force(instance: Instance) -> bool:
    if not instance.property_is_true("glide.authenticate.basic_auth.restriction.enforce", False):
        return False
    date = instance.property("glide.authenticate.basic_auth.restriction.enforcement_date").strip()
    return not date or instance.clock.text() >= date


def _watch(instance: Instance, user: Record) -> None:
    table = instance.system().table(EXCEPTIONS)
    found = table.first(filters={"user": user.sys_id})
    seen = {"last_seen": instance.clock.text()}
    if found is None:
        known = {"user": user.sys_id, "department": user["department"], "manager": user["manager"]}
        decision = instance.property("glide.authenticate.basic_auth.restriction.default_decision")
        table.insert({**known, **seen, "usage_count": 1, "decision": decision})
    else:
        table.update(found.sys_id, {**seen, "usage_count": int(found["usage_count"] or 0) + 1})


def _refusal(instance: Instance, user: Record) -> str:
    name = user["user_name"]
    instance.log("warning", GATE, f"denied basic-auth API call for interactive-login user [{name}] under enforce=true")
    return (
        f"the password of {name!r} is right, but {PREFIX}restriction.enforce keeps people's passwords from the APIs:"
        f" make the user web service access only, give it the role {ROLE}, or use OAuth"
    )
