"""The refresh token grant: a refresh token for a new access token, without asking the user again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.oauth import tokens, users
from sandtable.oauth.errors import InvalidGrant, InvalidScope
from sandtable.oauth.grants.base import UNSPECIFIC, Grant, GrantRequest
from sandtable.oauth.tokens import Issued

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record

REFRESH_TOKEN = "refresh_token"
ROTATED = "sandtable.oauth.rotate_refresh_tokens"
REPEATED = "sandtable.oauth.repeat_refresh_token"


def issue(asked: GrantRequest) -> Issued:
    """Return an access token that the refresh token's user granted before. Raises InvalidGrant, InvalidScope.

    Documented: the refresh token is not replaced; properties replace it, or leave it out of the answer.
    """
    instance, client = asked.instance, asked.client
    presented = _presented(asked)
    if presented["used"] == "true":
        raise InvalidGrant("the refresh token was replaced by a newer one, so somebody else may have it")
    if tokens.has_ended(instance, presented):
        raise InvalidGrant(f"the refresh token ended at {presented['expires']} UTC")
    user = users.by_sys_id(instance, presented["user"])
    scope = presented["scopes"]
    if asked.request.get("scope"):
        scope = asked.scope
        if not set(scope.split(" ")) <= set(presented["scopes"].split(" ")):
            raise InvalidScope(f"the refresh token was granted for {presented['scopes']!r} and not for more")
    if instance.property_is_true(ROTATED, False):
        newer = tokens.issue_refresh(instance, client, user, scope=presented["scopes"], grant_type=REFRESH_TOKEN)
        tokens.mark_used(instance, presented, newer)
        access = tokens.issue(instance, client, user, scope=scope, grant_type=REFRESH_TOKEN, refresh=newer)
        return Issued(access, scope, newer)
    access = tokens.access_from(instance, client, presented, scope=scope, grant_type=REFRESH_TOKEN) or tokens.issue(
        instance, client, user, scope=scope, grant_type=REFRESH_TOKEN, refresh=presented
    )
    return Issued(access, scope, presented if instance.property_is_true(REPEATED, True) else None)


def revoke_reused(asked: GrantRequest) -> None:
    """End all tokens that came from a refresh token that is used after it was replaced (RFC 9700, 4.14)."""
    try:
        presented = _presented(asked)
    except InvalidGrant:
        return
    if presented["used"] == "true":
        tokens.revoke(asked.instance, presented)


def _presented(asked: GrantRequest) -> Record:
    found = tokens.find(asked.instance, asked.request.get("refresh_token"), tokens.REFRESH)
    if found is None:
        raise InvalidGrant("the refresh token is unknown")
    if found["peer"] != asked.client.sys_id:
        raise InvalidGrant("the refresh token was issued to another client")
    return found


GRANT = Grant(
    REFRESH_TOKEN,
    ("refresh_token",),
    issue,
    UNSPECIFIC | {"ropc", "authz_code"},
    secret_needed=False,
    cleans_up=revoke_reused,
)
