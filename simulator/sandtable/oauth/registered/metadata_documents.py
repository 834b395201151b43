"""Clients that are known by a metadata document (`oauth_entity_cimd`): the client ID is the document's https address.

Documented: each is registered, public, uses the authorization code with PKCE alone, and redirects to what the document
lists, to the character. In sync mode live the document is fetched, and kept for `cache_lifespan` seconds; in mode
static the record counts. Nothing is fetched from the network here: what a test has planted for outbound calls to the
address is the document, and without that the record counts, which the ledger tells.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandtable.core.values.texts import whole_number
from sandtable.oauth.errors import InvalidClient, InvalidRequest
from sandtable.oauth.records import moment, moment_text

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record
    from sandtable.core.platform.writing.rules import RuleContext
    from sandtable.scripting.planted import Stub

TABLE = "oauth_entity_cimd"
LIVE, DEFAULT_CACHE = "live", 3_600
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_known_by_document(client: Record) -> bool:
    """Tell whether a client is one that is known by a metadata document."""
    return client.table == TABLE


def complete(context: RuleContext) -> None:
    """See to it that a record is what such a client is: public, for codes alone, with the address as its ID."""
    current = context.current
    problem = _problem_with_address(current["client_id"])
    if problem:
        context.abort(f"client_id {problem}")
        return
    current["public_client"], current["inbound_grant_type"], current["client_secret"] = "true", "authz_code", ""
    if context.previous is None and not current["scope_restriction_status"]:
        current["scope_restriction_status"] = "restricted"


def redirect_uri(instance: Instance, client: Record, asked: str) -> str:
    """Return the redirect URI that a client asked for, which must be one of its document.

    Raises InvalidRequest, and InvalidClient for a document that does not describe the client.
    """
    if asked not in _redirect_uris(instance, client):
        raise InvalidRequest(f"redirect_uri {asked[:200]!r} is not in the metadata of client {client['client_id']!r}")
    if urlsplit(asked).hostname in LOOPBACK and client["localhost_redirection_allowed"] != "true":
        raise InvalidRequest(
            f"client {client['client_id']!r} may not redirect to localhost: its record does not allow it"
        )
    return asked


def _redirect_uris(instance: Instance, client: Record) -> list[str]:
    if client["metadata_sync_mode"] == LIVE:
        text = _document(instance, client)
        if text is not None:
            return _read(client, text)
    return client["redirect_url"].replace(",", " ").split()


def _document(instance: Instance, client: Record) -> str | None:
    """Return the document of a client, from the record for as long as it may be kept; None where there is none."""
    fetched = moment(client["last_fetched"])
    now = instance.clock.timestamp()
    kept = whole_number(client["cache_lifespan"], DEFAULT_CACHE)
    if client["metadata"] and fetched is not None and now < fetched + kept:
        return client["metadata"]
    address = client["client_id"]
    for stub in _planted(instance):
        if not address.startswith(stub.url) or stub.method not in ("", "GET"):
            continue
        if stub.error or stub.status != 200:
            raise InvalidClient(f"the metadata of {address[:200]!r} cannot be had: {stub.error or stub.status}")
        _read(client, stub.body)
        values = {"metadata": stub.body, "last_fetched": moment_text(now)}
        instance.system().table(TABLE).update(client.sys_id, values)
        return stub.body
    instance.ledger.note("outbound", "metadata document", f"{address} is not fetched: the record of the client counts")
    return client["metadata"] or None


def _planted(instance: Instance) -> list[Stub]:
    """Return what tests have planted for outbound calls, the newest first; nothing where scripts cannot run."""
    from sandtable.scripting.engine.guard import EngineUnusable
    from sandtable.scripting.tools import host_of

    try:
        return host_of(instance).outbound.stubs[::-1]
    except EngineUnusable:
        return []


def _read(client: Record, text: str) -> list[str]:
    """Return the redirect URIs of a document. Raises InvalidClient for one that is not the client's own."""
    address = client["client_id"]
    try:
        found: Any = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("client_id") != address:
        raise InvalidClient(f"the metadata document of {address[:200]!r} is no JSON object with this client_id")
    if found.get("token_endpoint_auth_method", "none") != "none":
        raise InvalidClient(f"the metadata document of {address[:200]!r} is not that of a public client")
    kinds = found.get("grant_types", ["authorization_code"])
    if not isinstance(kinds, list) or "authorization_code" not in kinds:
        raise InvalidClient(f"the metadata document of {address[:200]!r} does not have the grant authorization_code")
    uris = found.get("redirect_uris")
    if not isinstance(uris, list) or not all(isinstance(each, str) for each in uris):
        raise InvalidClient(f"the metadata document of {address[:200]!r} has no list redirect_uris")
    return uris


def _problem_with_address(address: str) -> str:
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return "is no address"
    if parts.scheme != "https" or not host or parts.path in ("", "/"):
        return "must be the https address of the client's metadata document, with a path"
    return "must have neither a fragment nor a user" if parts.fragment or "@" in parts.netloc else ""
