"""Why credentials open nothing: for the explanations of a 401, never for its body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.values.passwords import verify_password

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.record import Record

ONLY_ACTIVE = "glide.authenticate.only.allow.active.user.login"
RESET_FIRST = "glide.authenticate.api.user.reset_password.mandatory"
NO_CREDENTIALS = "no credentials were sent, and this path asks for some"


def why_not_basic(instance: Instance, name: str, password: str | None = None) -> str:
    """Return why a user name opens nothing; without a password it is taken for wrong if all else is right.

    Empty when nothing stands in the way.
    """
    user = instance.system().table("sys_user").first(filters={"user_name": name})
    if user is None:
        return f"there is no user with the user name {name!r}"
    obstacle = _obstacle(instance, user)
    if obstacle:
        return obstacle
    if not user["user_password"]:
        return f"the user {name!r} has no password"
    if password is None or not verify_password(password, user["user_password"]):
        return f"the password of the user {name!r} is another"
    return ""


def _obstacle(instance: Instance, user: Record) -> str:
    if user["active"] != "true" and instance.property_is_true(ONLY_ACTIVE, True):
        return f"the user {user['user_name']!r} is not active"
    if user["locked_out"] == "true":
        return f"the user {user['user_name']!r} is locked out"
    if user["password_needs_reset"] == "true" and instance.property_is_true(RESET_FIRST, False):
        return f"the user {user['user_name']!r} must choose a new password first"
    return ""
