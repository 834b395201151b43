"""REST API keys (`api_key`): what a key opens, and why not.

Documented: a key needs an inbound authentication profile, its own record with a user, and an access policy that maps
the profile to the API that is called; a global policy does not do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.inbound import policies
from sandtable.oauth.records import check_in_force, one
from sandtable.oauth.secrets import digest, same
from sandtable.oauth.users import by_sys_id, session_of

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

TABLE = "api_key"


def session_for_api_key(
    instance: Instance,
    token: str,
    path: str,
    explain: Callable[[str], None] | None = None,
    *,
    method: str = "GET",
    place: str = policies.HEADER,
) -> Session | None:
    """Return a session of the user of an API key for a call of a path, or None for a key that does not open it.

    `place` is where the key was: `auth_header` or `query_param`. Why it opens nothing goes to the log and to `explain`.
    """
    return session_of(
        instance, lambda: _user(instance, token, path, method, place), explain, what="API key", topic="API key"
    )


def _user(instance: Instance, token: str, path: str, method: str, place: str) -> Record:
    policies.mapped(instance, path, method, scheme=policies.API_KEY, place=place, what="API key")
    key = one(instance, TABLE, token_digest=digest(token)) if token else None
    if key is None or not same(key["token"], token):
        raise InvalidGrant("the key is unknown")
    name = f"key {key['name'][:60]!r}"
    check_in_force(instance, key, name)
    if not key["user"]:
        raise InvalidGrant(f"{name} has no user")
    return by_sys_id(instance, key["user"])
