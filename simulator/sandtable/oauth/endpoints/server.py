"""The token and revocation endpoints, without HTTP: a request in, an answer out, and every refusal's reason in the log.

The order of checks at the token endpoint: form of the request; OAuth switched on; grant known; its parameters there;
client known, active and authenticated; grant allowed to it; scope; then the grant's own checks. The first that fails is
the answer. Source: RFC 6749 and ServiceNow documentation, OAuth inbound.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from sandtable.core.values.errors import Unsimulated
from sandtable.oauth import tokens
from sandtable.oauth.endpoints import profiles
from sandtable.oauth.endpoints.profiles import Answer
from sandtable.oauth.endpoints.request import (
    EITHER,
    HttpRequest,
    TokenRequest,
    parse_form,
    parse_token_request,
    single_values,
)
from sandtable.oauth.errors import InvalidRequest, OAuthError, ServerError, UnauthorizedClient, UnsupportedGrantType
from sandtable.oauth.grants import authorization_code, client_credentials, jwt_bearer, password, refresh_token
from sandtable.oauth.grants.base import Grant, GrantRequest
from sandtable.oauth.inbound.scopes import granted
from sandtable.oauth.registered.clients import authenticate

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

GRANTS: tuple[Grant, ...] = (
    password.GRANT,
    refresh_token.GRANT,
    client_credentials.GRANT,
    authorization_code.GRANT,
    jwt_bearer.GRANT,
)
_BY_TYPE: Mapping[str, Grant] = MappingProxyType({grant.grant_type: grant for grant in GRANTS})
BODY_ONLY = "glide.oauth.allow.parameters.in.post.body.only"
BASIC_ALLOWED = "sandtable.oauth.basic_client_authentication"
BASIC_ENCODING = "sandtable.oauth.basic_client_encoding"
LOG_SOURCE = "OAuth"

_log = logging.getLogger("sandtable.oauth")

Explain = Callable[[str], None]


def answer_token_request(instance: Instance, asked: HttpRequest, explain: Explain | None = None) -> Answer:
    """Return the answer of the token endpoint; whatever is sent, there is one, and nothing is left half written.

    A refusal's true reason goes to syslog and, when given, to `explain`. Raises Unsimulated in strict mode alone.
    """
    return _guarded(instance, explain, lambda: _issue(instance, asked))


def answer_revocation(instance: Instance, asked: HttpRequest, explain: Explain | None = None) -> Answer:
    """Return the answer of the revocation endpoint, which ends a token and what came from it.

    As documented of the product, nobody need say who they are, and GET will do; in the `rfc` profile it is POST, by the
    token's own client (RFC 7009). An unknown token is no error in either.
    """
    return _guarded(instance, explain, lambda: _revoke(instance, asked))


def _guarded(instance: Instance, explain: Explain | None, action: Callable[[], Answer]) -> Answer:
    try:
        return action()
    except Unsimulated:
        raise
    except OAuthError as error:
        refused = error
    except Exception as error:
        # The endpoint has one face for every failure; the answer's X-Sandtable-Error says that this one is ours.
        _log.exception("a token request failed in the simulator itself")
        refused = ServerError(f"{type(error).__name__} in the simulator itself; this is a bug")
    line = f"Exception on token flow - {refused.code}: {refused.reason}"
    instance.log("error", LOG_SOURCE, line)
    if explain is not None:
        explain(line)
    return profiles.refusal(instance, refused)


# issuing -------------------------------------------------------------------------------------------------------------


def _issue(instance: Instance, asked: HttpRequest) -> Answer:
    request = parse_token_request(
        asked,
        body_only=instance.property_is_true(BODY_ONLY, True),
        basic=_reading_of_basic(instance) if instance.property_is_true(BASIC_ALLOWED, True) else "",
    )
    if not instance.property_is_true(tokens.ACTIVE, True):
        raise UnauthorizedClient(f"OAuth is off: property {tokens.ACTIVE} is false")
    request.need("grant_type")
    grant = _BY_TYPE.get(request.get("grant_type"))
    if grant is None:
        raise UnsupportedGrantType(
            f"grant_type {request.get('grant_type')[:80]!r} is not known; there are {', '.join(_BY_TYPE)}"
        )
    request = _with_assertion_of_header(instance, grant, request)
    request.need(*grant.needs)
    with instance.transaction():
        client = _client(instance, grant, request)
        grant.check_client(client, authenticated=request.sends_secret)
        given = GrantRequest(instance, client, request, granted(instance, client, request.get("scope")))
        try:
            with instance.transaction():
                issued = grant.issue(given)
        except OAuthError as error:
            refused = error
        else:
            return _success(instance, issued)
        # What the refusal itself brings about must stay, although the request's own writes are taken back.
        if grant.cleans_up is not None:
            grant.cleans_up(given)
    raise refused


def _reading_of_basic(instance: Instance) -> str:
    return instance.property(BASIC_ENCODING) or EITHER


def _client(instance: Instance, grant: Grant, request: TokenRequest) -> Record:
    if not request.basic and not request.get("client_id") and grant.client_of is not None:
        client = grant.client_of(instance, request)
        if client is not None:
            request = TokenRequest({**request.parameters, "client_id": client["client_id"]})
    return authenticate(instance, request)


def _with_assertion_of_header(instance: Instance, grant: Grant, request: TokenRequest) -> TokenRequest:
    """Some clients send the assertion as `Authentication: Bearer`; a property accepts that, and the log tells of it."""
    header = request.headers.get("authentication", "")
    if not header or "assertion" not in grant.needs or request.get("assertion"):
        return request
    if not instance.property_is_true("sandtable.oauth.assertion_in_header", False):
        raise InvalidRequest(
            "parameter assertion is missing; a header Authentication is not read"
            " unless property sandtable.oauth.assertion_in_header is true"
        )
    scheme, _, text = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise InvalidRequest("the header Authentication does not begin with Bearer")
    return TokenRequest(
        {**request.parameters, "assertion": text.strip()}, request.basic, request.headers, request.endpoint
    )


def _success(instance: Instance, issued: tokens.Issued) -> Answer:
    document: dict[str, object] = {"access_token": issued.access["token"]}
    if issued.refresh is not None:
        document["refresh_token"] = issued.refresh["token"]
    document |= {
        "scope": issued.scope,
        "token_type": "Bearer",
        "expires_in": tokens.seconds_left(instance, issued.access),
    }
    return Answer(200, document, profiles.NO_STORE)


# revoking ------------------------------------------------------------------------------------------------------------


def _revoke(instance: Instance, asked: HttpRequest) -> Answer:
    strict = profiles.profile(instance) == profiles.RFC
    if strict:
        request = parse_token_request(asked, body_only=True, basic=_reading_of_basic(instance))
        request.need("token")
        client: Record | None = authenticate(instance, request)
        token = request.get("token")
    else:
        pairs = parse_form(asked.query.encode("utf-8", "surrogateescape"), "query string")
        if asked.trouble is not None:
            raise asked.trouble
        if asked.method == "POST":
            pairs += parse_form(asked.body, "body")
        client, token = None, single_values(pairs).get("token", "")
        if not token:
            raise InvalidRequest("parameter token is missing or empty")
    with instance.transaction():
        found = tokens.find(instance, token, tokens.ACCESS, tokens.REFRESH)
        if found is not None and (client is None or found["peer"] == client.sys_id):
            tokens.revoke(instance, found)
    return Answer(200, {}, profiles.NO_STORE)
