"""The authorization code grant: a code that the user agreed to, redeemed once, with PKCE where a challenge was made."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from sandtable.oauth import tokens, users
from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.grants.base import UNSPECIFIC, Grant, GrantRequest
from sandtable.oauth.registered.clients import is_public
from sandtable.oauth.secrets import same
from sandtable.oauth.tokens import Issued

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record

AUTHORIZATION_CODE = "authorization_code"
# RFC 7636, 4.1.
VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def issue(asked: GrantRequest) -> Issued:
    """Return new tokens for the code's user. Raises InvalidGrant."""
    instance, client, request = asked.instance, asked.client, asked.request
    code = _presented(asked)
    if code["used"] == "true":
        raise InvalidGrant("the code was redeemed before")
    if tokens.has_ended(instance, code):
        raise InvalidGrant(f"the code ended at {code['expires']} UTC")
    if request.get("redirect_uri") != code["redirect_uri"]:
        raise InvalidGrant("redirect_uri is not the one that the code was sent to")
    _check_verifier(client, code, request.get("code_verifier"))
    user = users.by_sys_id(instance, code["user"])
    tokens.mark_used(instance, code)
    scope = code["scopes"]
    refresh = tokens.issue_refresh(instance, client, user, scope=scope, grant_type=AUTHORIZATION_CODE, code=code)
    access = tokens.issue(
        instance, client, user, scope=scope, grant_type=AUTHORIZATION_CODE, refresh=refresh, code=code
    )
    return Issued(access, scope, refresh)


def revoke_reused(asked: GrantRequest) -> None:
    """End all tokens that came from a code that is presented a second time (RFC 6749, 4.1.2)."""
    try:
        code = _presented(asked)
    except InvalidGrant:
        return
    if code["used"] == "true":
        tokens.revoke(asked.instance, code)


def challenge_of(verifier: str) -> str:
    """Return the S256 code challenge of a verifier."""
    hashed = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode("ascii")


def _check_verifier(client: Record, code: Record, verifier: str) -> None:
    challenge = code["code_challenge"]
    if not challenge:
        # A verifier without a challenge is what an attacker who took the challenge away would cause (RFC 9700, 4.8).
        if verifier:
            raise InvalidGrant("code_verifier was sent, and the code has no challenge")
        if is_public(client):
            raise InvalidGrant("a public client must use PKCE, and the code has no challenge")
        return
    if not verifier:
        raise InvalidGrant("code_verifier is missing, and the code has a challenge")
    if not VERIFIER.fullmatch(verifier):
        raise InvalidGrant("code_verifier is malformed; it is 43 to 128 letters, digits, or one of -._~")
    if not same(challenge_of(verifier), challenge):
        raise InvalidGrant("code_verifier does not fit the challenge of the code")


def _presented(asked: GrantRequest) -> Record:
    code = tokens.find(asked.instance, asked.request.get("code"), tokens.CODE)
    if code is None:
        raise InvalidGrant("the code is unknown")
    if code["peer"] != asked.client.sys_id:
        raise InvalidGrant("the code was issued to another client")
    return code


GRANT = Grant(
    AUTHORIZATION_CODE,
    ("code", "redirect_uri"),
    issue,
    UNSPECIFIC | {"authz_code"},
    secret_needed=False,
    cleans_up=revoke_reused,
)
