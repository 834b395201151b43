"""The people whom a token is issued for: found by a column, and held to the conditions of the grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.security.roles import roles_of
from sandtable.core.values.passwords import verify_password
from sandtable.oauth.errors import InvalidGrant

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

USER = "sys_user"


def session_of(
    instance: Instance, find: Callable[[], Record], explain: Callable[[str], None] | None, *, what: str, topic: str
) -> Session | None:
    """Return a session of the user that `find` returns, or None where it raises InvalidGrant.

    Why `what` was refused goes to the log, under the `topic`, and to `explain`.
    """
    with instance.transaction():
        try:
            return instance.acting_as(find())
        except InvalidGrant as error:
            line = f"{what} refused: {error.reason}"
            instance.log("warning", topic, line)
            if explain is not None:
                explain(line)
            return None


def by_password(instance: Instance, user_name: str, password: str) -> Record:
    """Return the user, if the password is right and the password grant is open to them.

    Raises InvalidGrant. Source: the documented conditions of the password grant, and recorded refusals of users who
    must change their password or may only use web services.
    """
    found = _with_value(instance, "user_name", user_name)
    user = found[0] if len(found) == 1 else None
    # An unknown user costs the same work as a wrong password.
    right = verify_password(password, user["user_password"] if user is not None else "")
    if user is None:
        raise InvalidGrant(f"there is no user {user_name[:60]!r}")
    if not right:
        raise InvalidGrant(f"the password of user {user_name[:60]!r} is wrong")
    check_may_sign_in(user)
    check_interactive(user)
    return user


def check_may_sign_in(user: Record) -> None:
    """Raise InvalidGrant for a user who is inactive or locked out."""
    if user["active"] != "true":
        raise InvalidGrant(f"user {user['user_name']!r} is inactive")
    if user["locked_out"] == "true":
        raise InvalidGrant(f"user {user['user_name']!r} is locked out")


def check_interactive(user: Record) -> None:
    """Raise InvalidGrant for a user who may not sign in as a person does."""
    if user["password_needs_reset"] == "true":
        raise InvalidGrant(f"user {user['user_name']!r} must change the password first")
    if user["web_service_access_only"] == "true":
        raise InvalidGrant(f"user {user['user_name']!r} may only use web services")


def by_field(instance: Instance, field: str, value: str) -> Record:
    """Return the one active user whose column has a value; letter case does not count, as in the platform's queries.

    Raises InvalidGrant when nobody or more than one is found, or the column cannot tell users apart.
    """
    column = instance.dictionary.column(USER, field)
    if column is None or column.is_password or column.type == "boolean":
        raise InvalidGrant(f"user_field {field[:60]!r} is no column of sys_user that identifies somebody")
    found = _with_value(instance, field, value)
    if not found:
        raise InvalidGrant(f"no user has {field} {value[:100]!r}")
    usable = [user for user in found if user["active"] == "true"] or found
    if len(usable) > 1:
        raise InvalidGrant(f"{len(usable)} users have {field} {value[:100]!r}; it must be exactly one")
    check_may_sign_in(usable[0])
    return usable[0]


def by_sys_id(instance: Instance, sys_id: str) -> Record:
    """Return the user that a token was issued for, who may still sign in. Raises InvalidGrant."""
    user = instance.system().table(USER).find(sys_id) if sys_id else None
    if user is None:
        raise InvalidGrant("the user of the token is gone")
    check_may_sign_in(user)
    return user


def is_admin(instance: Instance, user: Record) -> bool:
    """Return whether a user has the role admin: granted, through a group, or contained in another role."""
    return "admin" in roles_of(instance, user.sys_id)


def _with_value(instance: Instance, field: str, value: str) -> list[Record]:
    page = instance.system().table(USER).page("", limit=100, offset=0, count=False, filters={field: value})
    # A filter also takes labels and display values; here only what is stored counts.
    return [user for user in page.records if _value(user, field).casefold() == value.casefold()]


def _value(user: Record, field: str) -> str:
    return user.sys_id if field == "sys_id" else user[field]
