"""The JWT bearer grant: an assertion signed by the client, for a token of the user it names (RFC 7523)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.oauth import tokens
from sandtable.oauth.endpoints.request import TokenRequest
from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.grants.base import Grant, GrantRequest
from sandtable.oauth.registered.clients import JWT_ENTITY, find_client, is_public
from sandtable.oauth.signed import assertions, compact, replay
from sandtable.oauth.tokens import Issued

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def issue(asked: GrantRequest) -> Issued:
    """Return a new access token, without a refresh token. Raises InvalidGrant."""
    instance, client = asked.instance, asked.client
    verified = assertions.verify(instance, client, asked.request.get("assertion"), endpoint=asked.request.endpoint)
    if verified.jti:
        replay.use_jti(instance, client, verified.jti, verified.jti_expires)
    present = tokens.current(instance, client, verified.user, scope=asked.scope, grant_type=JWT_BEARER)
    if present is not None:
        return present
    access = tokens.issue(instance, client, verified.user, scope=asked.scope, grant_type=JWT_BEARER)
    return Issued(access, asked.scope)


def client_of(instance: Instance, request: TokenRequest) -> Record | None:
    """Return the public client that an assertion names in aud or iss, for a request that names none.

    What the assertion says is not verified yet: it only says with whose keys to try.
    """
    try:
        claims = compact.json_object(compact.parse(request.get("assertion")).payload, "payload")
    except InvalidGrant:
        return None
    audience = claims.get("aud")
    named = [*(audience if isinstance(audience, list) else [audience]), claims.get("iss")]
    for client_id in named[:10]:
        client = find_client(instance, client_id) if isinstance(client_id, str) and _is_plain(client_id) else None
        if client is not None and is_public(client):
            return client
    return None


def _is_plain(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


GRANT = Grant(
    JWT_BEARER,
    ("assertion",),
    issue,
    frozenset({"jwt", "multiple", "uncertain"}),
    client_table=JWT_ENTITY,
    secret_needed=False,
    client_of=client_of,
)
