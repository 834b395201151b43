"""The resource owner password grant: a user's own name and password for a token of theirs."""

from __future__ import annotations

from sandtable.oauth import tokens, users
from sandtable.oauth.errors import UnauthorizedClient
from sandtable.oauth.grants.base import UNSPECIFIC, Grant, GrantRequest
from sandtable.oauth.tokens import Issued

PASSWORD = "password"
DISABLED = "glide.oauth.inbound.ropc.grant_type.disabled"


def issue(asked: GrantRequest) -> Issued:
    """Return the tokens in force for this client and user, or new ones. Raises UnauthorizedClient, InvalidGrant."""
    instance, client = asked.instance, asked.client
    if instance.property_is_true(DISABLED, False):
        raise UnauthorizedClient(f"the password grant is off: property {DISABLED} is true")
    user = users.by_password(instance, asked.request.get("username"), asked.request.get("password"))
    present = tokens.current(instance, client, user, scope=asked.scope, grant_type=PASSWORD)
    if present is not None:
        return present
    refresh = tokens.issue_refresh(instance, client, user, scope=asked.scope, grant_type=PASSWORD)
    access = tokens.issue(instance, client, user, scope=asked.scope, grant_type=PASSWORD, refresh=refresh)
    return Issued(access, asked.scope, refresh)


GRANT = Grant(PASSWORD, ("username", "password"), issue, UNSPECIFIC | {"ropc"})
