"""Registered clients (`oauth_entity`, `oauth_jwt`): how one is found, proves who it is, and which grants it may use."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from .errors import InvalidClient, InvalidRequest, UnauthorizedClient
from .records import one, whole_number
from .request import TokenRequest
from .secrets import same

if TYPE_CHECKING:
    from sandtable.core.instance import Instance
    from sandtable.core.records import Record

ENTITY, JWT_ENTITY = "oauth_entity", "oauth_jwt"
PASSWORD, REFRESH_TOKEN = "password", "refresh_token"  # noqa: S105 - names of grants
CLIENT_CREDENTIALS, AUTHORIZATION_CODE = "client_credentials", "authorization_code"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"

_USUAL = frozenset({PASSWORD, REFRESH_TOKEN, CLIENT_CREDENTIALS, AUTHORIZATION_CODE})
# What `inbound_grant_type` lets a client use. A JWT endpoint alone has the records that the JWT bearer grant needs.
_ALLOWED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "": _USUAL,
        "default": _USUAL,
        "multiple": _USUAL | {JWT_BEARER},
        "uncertain": _USUAL | {JWT_BEARER},
        "jwt": frozenset({JWT_BEARER}),
        "ropc": frozenset({PASSWORD, REFRESH_TOKEN}),
        "authz_code": frozenset({AUTHORIZATION_CODE, REFRESH_TOKEN}),
        "client_credential": frozenset({CLIENT_CREDENTIALS}),
        "oidc": frozenset(),
        "internal": frozenset(),
        "not_applicable": frozenset(),
    }
)
# A public client has nothing to prove itself with, so it may only use what proves itself.
_PUBLIC = frozenset({AUTHORIZATION_CODE, REFRESH_TOKEN, JWT_BEARER})
# Stands in for the secret of an unknown client, so that being unknown takes as long as being wrong.
_NO_SECRET = "\0" * 32


def find_client(instance: Instance, client_id: str) -> Record | None:
    """Return the inbound client with this ID, a record of its own class; letter case counts."""
    found = one(instance, ENTITY, client_id=client_id) if client_id else None
    return found if found is not None and found["type"] in ("", "client") else None


def is_public(client: Record) -> bool:
    """Return whether a client has no secret to keep."""
    return client["public_client"] == "true"


def authenticate(instance: Instance, request: TokenRequest) -> Record:
    """Return the client that a token request comes from.

    Raises InvalidClient, and InvalidRequest for two ways of authentication at once.
    """
    by_header = request.basic is not None
    if request.basic is not None:
        client_id, secret = request.basic
        if request.get("client_secret"):
            raise InvalidRequest("the client secret is in the Basic header and in the body; send one of them")
        if request.get("client_id") and request.get("client_id") != client_id:
            raise InvalidRequest("client_id in the body is another than in the Basic header")
    else:
        client_id, secret = request.get("client_id"), request.get("client_secret")
    if not client_id:
        raise InvalidClient("no client_id was sent", by_header=by_header)
    client = find_client(instance, client_id)
    expected = client["client_secret"] if client is not None else ""
    right = same(secret or _NO_SECRET, expected or _NO_SECRET + "no secret matches this")
    if client is None:
        raise InvalidClient(f"there is no client {client_id[:100]!r}", by_header=by_header)
    if client["active"] != "true":
        raise InvalidClient(f"client {_name(client)} is inactive", by_header=by_header)
    if not secret and is_public(client):
        return client
    if not secret:
        raise InvalidClient(f"no client_secret was sent for client {_name(client)}", by_header=by_header)
    if not expected:
        raise InvalidClient(f"client {_name(client)} has no client_secret to compare with", by_header=by_header)
    if not right:
        raise InvalidClient(f"the client_secret of client {_name(client)} is wrong", by_header=by_header)
    return client


def check_grant(client: Record, grant_type: str, *, authenticated: bool) -> None:
    """Raise UnauthorizedClient when a client may not use a grant; `authenticated` says that it proved who it is."""
    configured = client["inbound_grant_type"]
    if grant_type == JWT_BEARER and client.table != JWT_ENTITY:
        raise UnauthorizedClient(
            f"client {_name(client)} is no JWT endpoint: register it in oauth_jwt to use the JWT bearer grant"
        )
    if grant_type not in _ALLOWED.get(configured, frozenset()):
        raise UnauthorizedClient(
            f"client {_name(client)} may not use {grant_type}: its inbound_grant_type is {configured or 'empty'}"
        )
    if not authenticated and grant_type not in _PUBLIC:
        raise UnauthorizedClient(f"client {_name(client)} is public, and {grant_type} is for clients with a secret")


def lifespan(client: Record, column: str, default: int) -> int:
    """Return how many seconds a token of a client lives; an empty or unreadable value is the default."""
    return whole_number(client[column], default)


def _name(client: Record) -> str:
    return f"{client['client_id'][:64]!r}"
