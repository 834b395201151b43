"""The client credentials grant: a client acts as the user that its record names."""

from __future__ import annotations

from sandtable.oauth import tokens, users
from sandtable.oauth.errors import ApplicationUserMissing, UnauthorizedClient
from sandtable.oauth.grants.base import UNSPECIFIC, Grant, GrantRequest
from sandtable.oauth.tokens import Issued

CLIENT_CREDENTIALS = "client_credentials"
ENABLED = "glide.oauth.inbound.client.credential.grant_type.enabled"


def issue(asked: GrantRequest) -> Issued:
    """Return a new token of the OAuth Application User. Raises UnauthorizedClient, InvalidGrant.

    Documented: the property must be created by an administrator; there is none in a new instance.
    """
    instance, client = asked.instance, asked.client
    if not instance.property_is_true(ENABLED, False):
        raise UnauthorizedClient(f"the client credentials grant is off: create property {ENABLED} with the value true")
    if not client["user"] or instance.system().table(users.USER).find(client["user"]) is None:
        raise ApplicationUserMissing(client.sys_id)
    user = users.by_sys_id(instance, client["user"])
    present = tokens.current(instance, client, user, scope=asked.scope, grant_type=CLIENT_CREDENTIALS)
    if present is not None:
        return present
    access = tokens.issue(instance, client, user, scope=asked.scope, grant_type=CLIENT_CREDENTIALS)
    return Issued(access, asked.scope)


GRANT = Grant(CLIENT_CREDENTIALS, (), issue, UNSPECIFIC | {"client_credential"})
