"""The pages of the authorization endpoint: sign in, then allow or deny what a client asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.oauth import users
from sandtable.oauth.endpoints import authorization
from sandtable.oauth.endpoints.request import HttpRequest, parse_form, single_values
from sandtable.oauth.endpoints.server import LOG_SOURCE
from sandtable.oauth.errors import InvalidRequest, OAuthError
from sandtable.web.console.frame import show
from sandtable.web.environ import parts_of
from sandtable.web.worlds.sessions import COOKIE, LiveSession, same_text

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record
    from sandtable.oauth.endpoints.authorization import AuthorizationRequest
    from sandtable.web.transaction import Transaction

PATH = "/oauth_auth.do"
CHECK = "sysparm_ck"
_PLACE = re.compile(r"[A-Za-z0-9.:\[\]-]+")


def answer_authorization(transaction: Transaction, asked: HttpRequest) -> Response:
    """Return the answer of the authorization endpoint: a page, or a redirect to the client.

    GET shows the sign-in page, or to a signed-in user the consent page. POST signs in (`user_name`, `user_password`),
    or with `decision` allow or deny answers the client; a decision must carry the session's user token.
    """
    instance = transaction.instance
    try:
        parameters = single_values(parse_form(asked.query.encode("utf-8", "surrogateescape"), "query string"))
        if asked.trouble is not None:
            raise asked.trouble
        form = single_values(parse_form(asked.body, "body")) if asked.method == "POST" else {}
        wanted = authorization.parse_authorization_request(instance, parameters)
        signed_in = _signed_in(transaction)
        if asked.method != "POST":
            if signed_in is None:
                return _sign_in_page(transaction, wanted)
            return _consent_page(transaction, wanted, *signed_in)
        if "decision" not in form:
            return _sign_in(transaction, wanted, form, asked.query)
        if signed_in is None:
            return _sign_in_page(transaction, wanted, "Your session has ended. Sign in again.")
        return _decide(transaction, wanted, form, *signed_in)
    except authorization.Refusal as refusal:
        _explain(transaction, refusal.error)
        return _to(refusal.location)
    except OAuthError as error:
        _explain(transaction, error)
        return _page(transaction, None, "Authorization refused", 400, trouble=error.reason)


# signing in ----------------------------------------------------------------------------------------------------------


def _signed_in(transaction: Transaction) -> tuple[Record, LiveSession] | None:
    """Return the user of the request's session cookie and that session, or None."""
    live = transaction.world.sessions.find(request.cookies.get(COOKIE, ""))
    if live is None:
        return None
    try:
        user = users.by_sys_id(transaction.instance, live.user_sys_id)
    except OAuthError:
        transaction.world.sessions.end(live.session_id)
        return None
    return user, live


def _sign_in(transaction: Transaction, wanted: AuthorizationRequest, form: dict[str, str], query: str) -> Response:
    try:
        user = users.by_password(transaction.instance, form.get("user_name", ""), form.get("user_password", ""))
    except OAuthError as error:
        _explain(transaction, error)
        return _sign_in_page(transaction, wanted, "User name or password invalid")
    live = transaction.world.sessions.open(user.sys_id)
    # Back to the same request by GET, so that a reload does not send the password again.
    answer = _to(f"{request.environ.get('SCRIPT_NAME', '')}{PATH}?{_line(query)}")
    secure = "; SameSite=None; Secure" if request.scheme == "https" else "; SameSite=Lax"
    answer.headers.add("Set-Cookie", f"{COOKIE}={live.session_id}; Path=/; HttpOnly{secure}")
    return answer


def _sign_in_page(transaction: Transaction, wanted: AuthorizationRequest, trouble: str = "") -> Response:
    return _page(transaction, wanted, "Log in", 401 if trouble else 200, trouble=trouble, client=_name(wanted))


# consent -------------------------------------------------------------------------------------------------------------


def _consent_page(transaction: Transaction, wanted: AuthorizationRequest, user: Record, live: LiveSession) -> Response:
    return _page(
        transaction,
        wanted,
        "Allow access?",
        client=_name(wanted),
        user=user["name"] or user["user_name"],
        scope=wanted.scope,
        address=wanted.redirect_uri,
        check=CHECK,
        answer=live.user_token,
    )


def _decide(
    transaction: Transaction, wanted: AuthorizationRequest, form: dict[str, str], user: Record, live: LiveSession
) -> Response:
    if not same_text(form.get(CHECK, ""), live.user_token):
        raise InvalidRequest(f"{CHECK} is not the token of this session; open the page again and answer there")
    if form["decision"] == "allow":
        return _to(authorization.approve(transaction.instance, wanted, user))
    if form["decision"] == "deny":
        return _to(authorization.deny(wanted))
    raise InvalidRequest("decision is neither allow nor deny")


# parts ---------------------------------------------------------------------------------------------------------------


def _name(wanted: AuthorizationRequest) -> str:
    return wanted.client["name"] or wanted.client["client_id"]


def _explain(transaction: Transaction, error: OAuthError) -> None:
    line = f"Exception on authorization flow - {error.code}: {error.reason}"
    transaction.explanations.append(line)
    transaction.instance.log("error", LOG_SOURCE, line)


def _line(text: str) -> str:
    """Return text that stays within its line of a header."""
    return "".join(each for each in text if "!" <= each <= "~")


def _to(location: str) -> Response:
    answer = Response("", status=302, content_type="text/html;charset=UTF-8")
    answer.autocorrect_location_header = False
    answer.headers["Location"] = _line(location)
    return answer


def _page(
    transaction: Transaction, wanted: AuthorizationRequest | None, title: str, status: int = 200, **context: str
) -> Response:
    """Return the page; another site may not put it in a frame and have it clicked on."""
    leads_to = "'self'" if wanted is None else f"'self' {_origin(wanted.redirect_uri)}".rstrip()
    answer = show(transaction, None, "consent.html", title=title, status=status, form_action=leads_to, **context)
    policy = answer.headers["Content-Security-Policy"].replace("frame-ancestors 'self'", "frame-ancestors 'none'")
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["X-Frame-Options"], answer.headers["Referrer-Policy"] = "DENY", "no-referrer"
    return answer


def _origin(address: str) -> str:
    """Return where a form may lead to reach an address, as a source of a policy; empty when it cannot be named."""
    parts = parts_of(address)
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}" if _PLACE.fullmatch(parts.netloc) else ""
    return f"{parts.scheme}:" if _PLACE.fullmatch(parts.scheme) else ""
