"""REST API keys (`api_key`): what a key opens, and why not.

Documented: a key needs an inbound authentication profile, its own record with a user, and an access policy that maps
the profile to the API that is called; a global policy does not do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandtable.oauth import policies
from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.records import moment, one
from sandtable.oauth.scopes import call_of
from sandtable.oauth.secrets import digest, same
from sandtable.oauth.users import by_sys_id

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
    with instance.transaction():
        try:
            return instance.acting_as(_user(instance, token, path, method, place))
        except InvalidGrant as error:
            line = f"API key refused: {error.reason}"
            instance.log("warning", "API key", line)
            if explain is not None:
                explain(line)
            return None


def _user(instance: Instance, token: str, path: str, method: str, place: str) -> Record:
    call = call_of(path, method)
    accepted = policies.ways(instance, call) or ()
    if not any(way.scheme == policies.API_KEY and way.place == place for way in accepted):
        raise InvalidGrant(
            f"no active REST API access policy for {call.label or path[:80]!r} maps an API key profile"
            f" whose parameter is {'a header' if place == policies.HEADER else 'in the query string'}"
        )
    key = one(instance, TABLE, token_digest=digest(token)) if token else None
    if key is None or not same(key["token"], token):
        raise InvalidGrant("the key is unknown")
    name = repr(key["name"][:60])
    if key["active"] != "true":
        raise InvalidGrant(f"key {name} is inactive")
    expires = moment(key["expires"])
    if expires is not None and instance.clock.timestamp() >= expires:
        raise InvalidGrant(f"key {name} expired at {key['expires']} UTC")
    if not key["user"]:
        raise InvalidGrant(f"key {name} has no user")
    return by_sys_id(instance, key["user"])
