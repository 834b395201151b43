"""OAuth on the wire: token, revocation and authorization endpoints, and the public keys of JWT access tokens.

The OAuth server is loaded by the first request for it: most servers are asked with passwords only, and start sooner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from sandtable.core.values.errors import PayloadTooLarge, UnreadableBody
from sandtable.oauth.errors import BodyTooLarge, InvalidRequest
from sandtable.oauth.request import LARGEST_BODY, HttpRequest
from sandtable.web.transaction import current
from sandtable.web.wire.answers import base_url
from sandtable.web.wire.body import read_bytes
from sandtable.web.wire.negotiation import CONTENT_TYPES, JSON

if TYPE_CHECKING:
    from sandtable.oauth.profiles import Answer

blueprint = Blueprint("oauth_api", __name__)

# Every method is answered by the endpoint itself, in its own form; OPTIONS is a preflight, or nothing.
ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


@blueprint.route("/oauth_token.do", methods=ANY)
def token() -> Response:
    """Issue a token, or refuse. Cookies and any session they belong to are not looked at."""
    from sandtable.oauth import server

    transaction = current()
    asked = _asked("/oauth_token.do")
    return _shown(server.answer_token_request(transaction.instance, asked, transaction.explanations.append))


@blueprint.route("/oauth_revoke_token.do", methods=ANY)
def revoke() -> Response:
    """End a token, and what came from it."""
    from sandtable.oauth import server

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
    from sandtable.oauth import access_tokens, profiles

    return _shown(profiles.Answer(200, access_tokens.key_set(current().instance)))


@blueprint.get("/.well-known/openid-configuration")
def discovery() -> Response:
    """Say where the endpoints are, as OpenID Connect Discovery has it; only on releases that do."""
    from sandtable.core.values.errors import UnknownResource
    from sandtable.oauth import profiles

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
