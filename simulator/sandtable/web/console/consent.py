"""The pages of the authorization endpoint: sign in, then allow or deny what a client asks for."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.oauth import authorization, users
from sandtable.oauth.errors import InvalidRequest, OAuthError
from sandtable.oauth.request import HttpRequest, parse_form, single_values
from sandtable.oauth.server import LOG_SOURCE
from sandtable.web.worlds.sessions import COOKIE, LiveSession, same_text

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record
    from sandtable.oauth.authorization import AuthorizationRequest
    from sandtable.web.transaction import Transaction

PATH = "/oauth_auth.do"
CHECK = "sysparm_ck"
# The page has no script and loads nothing; another site may not put it in a frame and have it clicked on.
PAGE_HEADERS = (
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
)
STYLE = "body{font:16px sans-serif;max-width:28em;margin:4em auto}label{display:block;margin:1em 0}"


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
            return _sign_in_page(wanted) if signed_in is None else _consent_page(wanted, *signed_in)
        if "decision" not in form:
            return _sign_in(transaction, wanted, form, asked.query)
        if signed_in is None:
            return _sign_in_page(wanted, "Your session has ended. Sign in again.")
        return _decide(transaction, wanted, form, *signed_in)
    except authorization.Refusal as refusal:
        _explain(transaction, refusal.error)
        return _to(refusal.location)
    except OAuthError as error:
        _explain(transaction, error)
        return _page("Authorization refused", f"<p>{escape(error.reason)}</p>", 400)


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
        return _sign_in_page(wanted, "User name or password invalid")
    live = transaction.world.sessions.open(user.sys_id)
    # Back to the same request by GET, so that a reload does not send the password again.
    answer = _to(f"{request.environ.get('SCRIPT_NAME', '')}{PATH}?{_line(query)}")
    secure = "; SameSite=None; Secure" if request.scheme == "https" else "; SameSite=Lax"
    answer.headers.add("Set-Cookie", f"{COOKIE}={live.session_id}; Path=/; HttpOnly{secure}")
    return answer


def _sign_in_page(wanted: AuthorizationRequest, trouble: str = "") -> Response:
    said = f'<p role="alert">{escape(trouble)}</p>' if trouble else ""
    form = (
        '<label>User name <input name="user_name" autocomplete="username" autofocus></label>'
        '<label>Password <input name="user_password" type="password" autocomplete="current-password"></label>'
        '<button type="submit">Log in</button>'
    )
    text = f"<p>Sign in to answer {escape(_name(wanted))}.</p>"
    return _page("Log in", f'{said}{text}<form method="post">{form}</form>', 401 if trouble else 200)


# consent -------------------------------------------------------------------------------------------------------------


def _consent_page(wanted: AuthorizationRequest, user: Record, live: LiveSession) -> Response:
    text = (
        f"<p><strong>{escape(_name(wanted))}</strong> asks to act for {escape(user['name'] or user['user_name'])}.</p>"
        f"<p>Scope: {escape(wanted.scope)}</p><p>You will be sent to {escape(wanted.redirect_uri)}</p>"
    )
    form = (
        f'<input type="hidden" name="{CHECK}" value="{escape(live.user_token)}">'
        '<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button>'
    )
    return _page("Allow access?", f'{text}<form method="post">{form}</form>')


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


def _page(title: str, content: str, status: int = 200) -> Response:
    text = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{content}</body></html>"
    )
    answer = Response(text, status=status, content_type="text/html;charset=UTF-8")
    for name, value in PAGE_HEADERS:
        answer.headers[name] = value
    return answer
