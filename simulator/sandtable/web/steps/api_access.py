"""After authentication: does the API take this way of signing in, and has the token the auth scope it asks for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.core.security import ip_rules
from sandtable.core.values.errors import ApiAccessDenied, MissingAccessScope
from sandtable.faults.pages import page
from sandtable.oauth import tokens
from sandtable.oauth.inbound import policies, scopes
from sandtable.web.environ import is_for_the_plane
from sandtable.web.steps.authentication import BASIC_CHALLENGE, BEARER_CHALLENGE, refusal
from sandtable.web.wire.api_identity import called

if TYPE_CHECKING:
    from sandtable.oauth.inbound.policies import Way
    from sandtable.web.transaction import Transaction

FIRST_ONLY = "glide.security.response.authenticate.header.auth_profile.first_scheme_only"
UNSCOPED = "Access to unscoped api is not allowed"


def refuse_address(transaction: Transaction) -> Response | None:
    """Answer 403 with a page to callers whose addresses a record of ip_access keeps out, but for the test plane."""
    if not ip_rules.are_there(transaction.instance) or is_for_the_plane(transaction.environ):
        return None
    forwarded = [part for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if not ip_rules.refuses_addresses(transaction.instance, forwarded or [request.remote_addr or ""]):
        return None
    text = "Access restricted: a record of ip_access keeps this address out."
    transaction.explanations.append(text)
    return Response(page("Access restricted", text), status=403, content_type="text/html;charset=UTF-8")


def check_api_access(transaction: Transaction) -> Response | None:
    """Refuse a caller whose way of authentication no access policy of the API accepts, or whose token lacks a scope.

    Raises NotAuthenticated, MissingAccessScope, and ApiAccessDenied for a client that is held to its scopes.
    """
    if not transaction.logged_in:
        return None
    instance, bearer = transaction.instance, _bearer(transaction)
    if not policies.are_there(instance) and not (bearer and scopes.may_refuse(instance)):
        return None
    call = called(transaction.instance, request.method, request.path)
    if call is None:
        return None
    with transaction.instance.transaction():
        _check_policies(transaction, call)
        _check_scopes(transaction, call)
    return None


def _check_policies(transaction: Transaction, call: scopes.Call) -> None:
    if transaction.scheme not in (policies.BASIC, policies.BEARER):
        return
    accepted = policies.ways(transaction.instance, call)
    if accepted is None or any(way.scheme == transaction.scheme for way in accepted):
        return
    names = ", ".join(dict.fromkeys(way.scheme for way in accepted))
    transaction.session.explain(f"the REST API access policy of {call.label} accepts {names}, not {transaction.scheme}")
    transaction.logged_in = False
    transaction.challenges = _challenges(transaction, accepted)
    raise refusal(transaction.instance)


def _challenges(transaction: Transaction, accepted: tuple[Way, ...]) -> list[str]:
    """Return the challenges of the accepted ways; documented: only that of the newest mapping, unless told."""
    known = {policies.BASIC: BASIC_CHALLENGE, policies.BEARER: BEARER_CHALLENGE}
    named = list(dict.fromkeys(known[way.scheme] for way in reversed(accepted) if way.scheme in known))
    return named[:1] if transaction.instance.property_is_true(FIRST_ONLY, True) else named


def _check_scopes(transaction: Transaction, call: scopes.Call) -> None:
    bearer = _bearer(transaction)
    if not bearer:
        return
    instance = transaction.instance
    credential = tokens.find(instance, bearer, tokens.ACCESS)
    client = tokens.client_of(instance, credential) if credential is not None else None
    refused = scopes.refused(instance, client, call) if client is not None else None
    if refused is None or client is None:
        return
    if refused.scope:
        transaction.session.explain(f"client {client['name']!r} has no auth scope {refused.scope} for {call.label}")
        raise MissingAccessScope(refused.scope)
    transaction.session.explain(f"client {client['name']!r} is restricted, and {call.label} is bound to no auth scope")
    raise ApiAccessDenied(detail=UNSCOPED)


def _bearer(transaction: Transaction) -> str:
    if transaction.scheme == policies.BEARER:
        return request.headers.get("Authorization", "").strip().partition(" ")[2].strip()
    return transaction.opened_session.bearer if transaction.opened_session is not None else ""
