"""The authorization endpoint, without HTTP: what a client asks a user for, and where the user's answer is sent.

Two kinds of refusal: until the client and its redirect URI are known to belong together nothing is sent anywhere, the
user is told (OAuthError); afterwards the refusal goes to the client in the redirect (`Refusal`). Source: RFC 6749,
4.1; RFC 7636; ServiceNow documentation of the authorization code flow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from sandtable.core.values.texts import comma_list, whole_number
from sandtable.oauth import tokens
from sandtable.oauth.endpoints import profiles
from sandtable.oauth.errors import (
    AccessDenied,
    InvalidClient,
    InvalidRequest,
    OAuthError,
    UnauthorizedClient,
    UnsupportedResponseType,
)
from sandtable.oauth.grants import authorization_code
from sandtable.oauth.inbound.scopes import granted
from sandtable.oauth.registered import metadata_documents
from sandtable.oauth.registered.clients import find_client, is_public
from sandtable.oauth.users import check_may_sign_in

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

STATE_REQUIRED = "glide.oauth.state.parameter.required"
IMPLICIT = "glide.oauth.clients.allowed.for.implicit.grant"
LONGEST_CODE_LIFE = 600
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
# What a URI may be made of (RFC 3986); nothing else gets into a Location header.
_URI = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")


class Refusal(Exception):
    """A refusal that the client is told about: `location` is where the user is sent."""

    def __init__(self, error: OAuthError, location: str) -> None:
        self.error, self.location = error, location
        super().__init__(error.reason)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a client asks a user for; all checks passed."""

    client: Record
    redirect_uri: str
    state: str
    scope: str
    code_challenge: str = ""

    def location(self, **parameters: str) -> str:
        """Return the redirect URI with parameters and, when the client sent one, its state."""
        added = {**parameters, **({"state": self.state} if self.state else {})}
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(added)}"


def parse_authorization_request(instance: Instance, parameters: Mapping[str, str]) -> AuthorizationRequest:
    """Return what is asked for.

    Raises OAuthError for what only the user may be told, Refusal for what the client is told.
    """
    if not instance.property_is_true(tokens.ACTIVE, True):
        raise UnauthorizedClient(f"OAuth is off: property {tokens.ACTIVE} is false")
    client_id = parameters.get("client_id", "")
    client = find_client(instance, client_id)
    if client is None:
        raise InvalidClient(f"there is no client {client_id[:100]!r}")
    if client["active"] != "true":
        raise InvalidClient(f"client {client_id[:100]!r} is inactive")
    redirect_uri = _redirect_uri(instance, client, parameters.get("redirect_uri", ""))
    state = parameters.get("state", "")
    plain = AuthorizationRequest(client, redirect_uri, state, "")
    try:
        _check_response_type(instance, client, parameters.get("response_type", ""))
        if not state.strip() and instance.property_is_true(STATE_REQUIRED, True):
            raise InvalidRequest("Missing State parameter in request")
        authorization_code.GRANT.check_client(client, authenticated=False)
        challenge = _challenge(client, parameters)
        scope = granted(instance, client, parameters.get("scope", ""))
    except OAuthError as error:
        raise Refusal(error, _refused(plain, error)) from None
    return AuthorizationRequest(client, redirect_uri, state, scope, challenge)


def approve(instance: Instance, asked: AuthorizationRequest, user: Record) -> str:
    """Return where a user who allowed the request is sent: the redirect URI with a new code. Raises InvalidGrant."""
    check_may_sign_in(user)
    seconds = whole_number(instance.property("sandtable.oauth.code_lifetime", "60"), 60)
    code = tokens.store_code(
        instance,
        asked.client,
        user,
        scope=asked.scope,
        redirect_uri=asked.redirect_uri,
        challenge=asked.code_challenge,
        seconds=min(seconds, LONGEST_CODE_LIFE),
    )
    return asked.location(code=code["token"])


def deny(asked: AuthorizationRequest) -> str:
    """Return where a user who refused the request is sent (RFC 6749, 4.1.2.1)."""
    return _refused(asked, AccessDenied("the user refused the request"))


def registered_uris(client: Record) -> tuple[str, ...]:
    """Return the redirect URIs of a client's record, which separates them by commas or lines."""
    return tuple(part for part in re.split(r"[,\s]+", client["redirect_url"]) if part)


def _refused(asked: AuthorizationRequest, error: OAuthError) -> str:
    return asked.location(error=error.code, error_description=profiles.printable(error.reason))


def _redirect_uri(instance: Instance, client: Record, asked: str) -> str:
    """Return the registered URI that is meant; documented: an unregistered one falls back to the first registered."""
    if metadata_documents.is_known_by_document(client):
        if not _is_usable(asked):
            raise InvalidRequest(f"redirect_uri {asked[:200]!r} is no address that an answer can lead to")
        return metadata_documents.redirect_uri(instance, client, asked)
    registered = [uri for uri in registered_uris(client) if _is_usable(uri)]
    if not registered:
        raise InvalidRequest(f"client {client['client_id']!r} has no redirect_url; enter one in its record")
    if asked in registered:
        return asked
    lenient = (
        profiles.profile(instance) != profiles.RFC
        and instance.property("sandtable.oauth.unregistered_redirect", "first") != "refuse"
    )
    if lenient or (not asked and len(registered) == 1):
        return registered[0]
    raise InvalidRequest(f"redirect_uri {asked[:200]!r} is not registered for client {client['client_id']!r}")


def _is_usable(uri: str) -> bool:
    """Return whether a URI can stand in a Location header: absolute, of plain characters, without a fragment."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return bool(_URI.fullmatch(uri) and parts.scheme and parts.scheme.lower() not in ("javascript", "data", "vbscript"))


def _check_response_type(instance: Instance, client: Record, response_type: str) -> None:
    if response_type == "code":
        return
    if not response_type:
        raise InvalidRequest("parameter response_type is missing; it is code")
    if response_type == "token":
        allowed = set(comma_list(instance.property(IMPLICIT)))
        if client["client_id"] not in allowed:
            raise UnauthorizedClient(f"the implicit grant is not allowed for this client by property {IMPLICIT}")
        instance.ledger.note("parameter", "response_type=token", "the implicit grant is not simulated")
    raise UnsupportedResponseType(f"response_type {response_type[:40]!r} is not known; there is code")


def _challenge(client: Record, parameters: Mapping[str, str]) -> str:
    challenge, method = parameters.get("code_challenge", ""), parameters.get("code_challenge_method", "")
    if not challenge:
        if method:
            raise InvalidRequest("code_challenge_method is there without a code_challenge")
        if is_public(client):
            raise InvalidRequest("code_challenge is missing; a public client must use PKCE")
        return ""
    if method != "S256":
        raise InvalidRequest("code_challenge_method must be S256")
    if not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequest("code_challenge is malformed; it is the base64url form of a SHA-256, 43 characters")
    return challenge
