"""OAuth on the wire: token, revocation and authorization endpoints, and the public keys of JWT access tokens.

The OAuth server is loaded by the first request for it: most servers are asked with passwords only, and start sooner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from flask import Blueprint, Response, request

from sandtable.core.values.errors import PayloadTooLarge, UnreadableBody
from sandtable.oauth.endpoints.request import LARGEST_BODY, HttpRequest
from sandtable.oauth.errors import BodyTooLarge, InvalidRequest
from sandtable.web.transaction import current
from sandtable.web.wire.answers import base_url
from sandtable.web.wire.body import read_bytes
from sandtable.web.wire.negotiation import CONTENT_TYPES, JSON

if TYPE_CHECKING:
    from sandtable.oauth.endpoints.profiles import Answer

blueprint = Blueprint("oauth_api", __name__)

# Every method is answered by the endpoint itself, in its own form; OPTIONS is a preflight, or nothing.
ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


@blueprint.route("/oauth_token.do", methods=ANY)
def token() -> Response:
    """Issue a token, or refuse. Cookies and any session they belong to are not looked at."""
    from sandtable.oauth.endpoints import server

    transaction = current()
    asked = _asked("/oauth_token.do")
    return _shown(server.answer_token_request(transaction.instance, asked, transaction.explanations.append))


@blueprint.route("/oauth_revoke_token.do", methods=ANY)
def revoke() -> Response:
    """End a token, and what came from it."""
    from sandtable.oauth.endpoints import server

    transaction = current()
    asked = _asked("/oauth_revoke_token.do")
    return _shown(server.answer_revocation(transaction.instance, asked, transaction.explanations.append))


@blueprint.route("/oauth_auth.do", methods=["GET", "HEAD", "POST"])
def authorize() -> Response:
    """Ask a user, who may have to sign in first, whether a client may act for them."""
    from sandtable.web.console.consent import answer_authorization

    return answer_authorization(current(), _asked("/oauth_auth.do"))


@blueprint.get("/api/now/oauth/jwks")
def jwks() -> Response:
    """Answer with the public keys that JWT access tokens can be verified with."""
    from sandtable.oauth import access_tokens
    from sandtable.oauth.endpoints import profiles

    return _shown(profiles.Answer(200, access_tokens.key_set(current().instance)))


@blueprint.get("/.well-known/openid-configuration")
def discovery() -> Response:
    """Say where the endpoints are, as OpenID Connect Discovery has it; only on releases that do."""
    from sandtable.core.values.errors import UnknownResource
    from sandtable.oauth.endpoints import profiles

    transaction = current()
    if not transaction.instance.property_is_true("sandtable.oauth.openid_discovery", False):
        raise UnknownResource
    start = base_url(transaction)
    document = {
        "issuer": start,
        "authorization_endpoint": f"{start}/oauth_auth.do",
        "token_endpoint": f"{start}/oauth_token.do",
        "revocation_endpoint": f"{start}/oauth_revoke_token.do",
        "jwks_uri": f"{start}/api/now/oauth/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    }
    return _shown(profiles.Answer(200, document))


@blueprint.get("/.well-known/oauth-protected-resource")
@blueprint.get("/.well-known/oauth-protected-resource/<path:resource>")
def protected_resource(resource: str = "") -> Response:
    """Say who issues tokens for a resource of `oauth_protected_resource`, the first without a path (RFC 9728)."""
    from sandtable.core.values.errors import UnknownResource
    from sandtable.oauth.endpoints import profiles

    transaction = current()
    instance, start = transaction.instance, base_url(transaction)
    if not instance.property_is_true("sandtable.oauth.protected_resource_metadata", False):
        raise UnknownResource
    records = instance.system().table("oauth_protected_resource").query("active=true^ORDERBYsys_created_on")
    # A record of an address of this instance may leave out whose it is.
    known = {_whole(start, each["resource_identifier"].strip()): each for each in records}
    identifier = f"{start}/{resource}" if resource else next(iter(known), "")
    record = known.get(identifier)
    if record is None:
        raise UnknownResource
    document: dict[str, object] = {
        "resource": identifier,
        "resource_name": record["resource_name"],
        "authorization_servers": [start] if record["allow_glide_as_authorization_server"] == "true" else [],
        "bearer_methods_supported": _words(record["bearer_methods_supported"]),
        "scopes_supported": _words(record["scopes_supported"]),
    }
    return _shown(profiles.Answer(200, {name: value for name, value in document.items() if value}))


def _whole(start: str, identifier: str) -> str:
    try:
        return urljoin(f"{start}/", identifier)
    except ValueError:
        return identifier  # which no request can be for


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _asked(path: str) -> HttpRequest:
    transaction = current()
    body = b""
    trouble: InvalidRequest | None = None
    try:
        body = read_bytes(request, LARGEST_BODY)
    except PayloadTooLarge:
        trouble = BodyTooLarge(f"the body has more than {LARGEST_BODY} bytes")
    except UnreadableBody as error:
        trouble = InvalidRequest(f"the body cannot be read: {error.detail}")
    return HttpRequest(
        method=request.method,
        body=body,
        query=request.environ.get("QUERY_STRING", ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        endpoint=f"{base_url(transaction)}{path}",
        trouble=trouble,
    )


def _shown(answer: Answer) -> Response:
    shown = Response(answer.body, status=answer.status, content_type=CONTENT_TYPES[JSON])
    for name, value in answer.headers.items():
        shown.headers[name] = value
    return shown
