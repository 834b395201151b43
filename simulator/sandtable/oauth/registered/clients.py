"""Registered clients (`oauth_entity`, `oauth_jwt`): how one is found and proves who it is."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sandtable.core.values.texts import whole_number
from sandtable.oauth.endpoints.request import TokenRequest
from sandtable.oauth.errors import InvalidClient, InvalidRequest
from sandtable.oauth.records import one
from sandtable.oauth.secrets import same

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

ENTITY, JWT_ENTITY = "oauth_entity", "oauth_jwt"
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
    if not request.basic:
        return _proved(instance, request.get("client_id"), request.get("client_secret"), by_header=False)
    if request.get("client_secret"):
        raise InvalidRequest("the client secret is in the Basic header and in the body; send one of them")
    if request.get("client_id") and all(request.get("client_id") != client_id for client_id, _ in request.basic):
        raise InvalidRequest("client_id in the body is another than in the Basic header")
    likelier, *others = request.basic
    try:
        return _proved(instance, *likelier, by_header=True)
    except InvalidClient:
        for reading in others:
            with contextlib.suppress(InvalidClient):
                return _proved(instance, *reading, by_header=True)
        raise


def _proved(instance: Instance, client_id: str, secret: str, *, by_header: bool) -> Record:
    """Return the client of this ID, if the secret is its own. Raises InvalidClient."""
    if not client_id:
        raise InvalidClient("no client_id was sent", by_header=by_header)
    client = find_client(instance, client_id)
    expected = client["client_secret"] if client is not None else ""
    right = same(secret or _NO_SECRET, expected or _NO_SECRET + "no secret matches this")
    if client is None:
        raise InvalidClient(f"there is no client {client_id[:100]!r}", by_header=by_header)
    if client["active"] != "true":
        raise InvalidClient(f"client {shown(client)} is inactive", by_header=by_header)
    if not secret and is_public(client):
        return client
    if not secret:
        raise InvalidClient(f"no client_secret was sent for client {shown(client)}", by_header=by_header)
    if not expected:
        raise InvalidClient(f"client {shown(client)} has no client_secret to compare with", by_header=by_header)
    if not right:
        raise InvalidClient(f"the client_secret of client {shown(client)} is wrong", by_header=by_header)
    return client


def lifespan(client: Record, column: str, default: int) -> int:
    """Return how many seconds a token of a client lives; an empty or unreadable value is the default."""
    return whole_number(client[column], default)


def shown(client: Record) -> str:
    """Return a client as a reason names it."""
    return f"{client['client_id'][:64]!r}"
