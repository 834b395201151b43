"""Who is asking: API key, `Authorization` header, then session cookie; else the guest, where that is allowed."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any

from flask import Request, Response, redirect, request

from sandtable.core.applications.application import resource_for
from sandtable.core.security.basic_auth import refuses_basic
from sandtable.core.values.errors import ApiAccessDenied, NotAuthenticated
from sandtable.core.values.passwords import verify_password
from sandtable.core.values.texts import whole_number
from sandtable.oauth import tokens
from sandtable.oauth.inbound import api_keys, client_certificates, hmac_signatures, machine_access
from sandtable.oauth.inbound.policies import HEADER, QUERY
from sandtable.web.transaction import Transaction, incoming
from sandtable.web.wire.api_identity import called, needs_user_token
from sandtable.web.wire.body import body_limit, read_bytes
from sandtable.web.wire.why_refused import NO_CREDENTIALS, why_not_basic
from sandtable.web.worlds.sessions import COOKIE, UNSAFE_METHODS, LiveSession, same_text

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.record import Record

REALM = "Service-now"
BASIC_CHALLENGE, BEARER_CHALLENGE = f'BASIC realm="{REALM}"', f'BEARER realm="{REALM}"'
API_KEY_HEADER, HMAC_HEADER = "x-sn-apikey", "x-sn-hmac-signature-256"


class Redirected(Exception):
    """The answer is a redirect and nothing else is done; raised for a user token of another session."""


def authenticate(transaction: Transaction) -> Response | None:
    """Set the transaction's session, or refuse; credentials that are wrong are refused even where none are needed."""
    if not needs_authentication(transaction.path):
        return None
    return identify(transaction)


def identify(transaction: Transaction) -> Response | None:
    """Set the session of who is asking, or refuse; pages outside /api ask for it themselves.

    Raises NotAuthenticated, and ApiAccessDenied for a web service user that is held to other APIs.
    """
    try:
        session = _session_of(transaction, incoming())
    except Redirected:
        return redirect("/security_interceptor.do", 302)  # type: ignore[return-value]
    if session is not None:
        transaction.session = session
        transaction.logged_in = True
        if machine_access.are_there(transaction.instance):
            soap = request.path if "SOAP" in request.args else ""
            with transaction.instance.transaction():
                machine_access.check(session, called(transaction.instance, request.method, request.path), soap)
        return None
    stub = transaction.world.stubs.matching(request.method, request.path)
    if _guest_may(transaction.instance, request) or (stub is not None and not stub[0].requires_authentication):
        return None
    transaction.explanations.append(NO_CREDENTIALS)
    if _uploads(request) and transaction.instance.property("sandtable.attachment.anonymous_upload", "403") == "403":
        # No challenge comes with it, so clients that wait for one never send their password (KB3054410).
        raise ApiAccessDenied
    raise refusal(transaction.instance)


def _uploads(asked: Request) -> bool:
    """Tell whether a call attaches a file."""
    return asked.method == "POST" and asked.path.rstrip("/").endswith(("/attachment/file", "/attachment/upload"))


def identify_or_challenge(transaction: Transaction) -> Response | None:
    """Do as `identify`, with a challenge beside the refusal that makes a browser ask for a password."""
    try:
        return identify(transaction)
    except NotAuthenticated:
        transaction.response_headers += [("WWW-Authenticate", challenge) for challenge in challenges(transaction)]
        raise


def needs_authentication(path: str) -> bool:
    """Return whether a path asks who is calling; token endpoint, test plane and pages look after themselves.

    The keys that JWT access tokens are verified with are for everybody.
    """
    return (path.startswith("/api/") or path == "/api") and path != "/api/now/oauth/jwks"


def refusal(instance: Instance) -> NotAuthenticated:
    """Return the refusal in the wording of the release: `sandtable.web.newer_401_message` selects the newer one."""
    if instance.property_is_true("sandtable.web.newer_401_message", True):
        return NotAuthenticated("User is not authenticated")
    return NotAuthenticated()


def challenges(transaction: Transaction) -> list[str]:
    """Return the values of WWW-Authenticate for a 401."""
    if transaction.challenges is not None:
        return transaction.challenges
    if transaction.scheme == "bearer":
        return [BEARER_CHALLENGE, BASIC_CHALLENGE]
    return [BASIC_CHALLENGE]


def _session_of(transaction: Transaction, asked: Request) -> Session | None:
    for scheme in SCHEMES:
        session = scheme(transaction, asked)
        if session is not None:
            return session
    return None


def _sent(asked: Request, header: str, parameter: str) -> tuple[str | None, str]:
    """Return what was sent in a header of the environment, or else as a query parameter, and which of them it was."""
    value = asked.environ.get(header)
    if value is None and asked.query_string:
        return asked.args.get(parameter), QUERY
    return value, HEADER


def _by_api_key(transaction: Transaction, asked: Request) -> Session | None:
    token, place = _sent(asked, "HTTP_X_SN_APIKEY", API_KEY_HEADER)
    if token is None:
        return None
    transaction.scheme = "api key"
    session = api_keys.session_for_api_key(
        transaction.instance,
        token,
        asked.path,
        transaction.explanations.append,
        method=asked.method,
        place=place,
    )
    if session is None:
        raise refusal(transaction.instance)
    return session


def _by_signature(transaction: Transaction, asked: Request) -> Session | None:
    value, place = _sent(asked, "HTTP_X_SN_HMAC_SIGNATURE_256", HMAC_HEADER)
    if value is None:
        return None
    transaction.scheme = "hmac"
    session = hmac_signatures.session_for_signature(
        transaction.instance,
        value,
        read_bytes(asked, body_limit(transaction.instance)),
        asked.path,
        transaction.explanations.append,
        method=asked.method,
        place=place,
    )
    if session is None:
        raise refusal(transaction.instance)
    return session


def _by_header(transaction: Transaction, asked: Request) -> Session | None:
    value = asked.environ.get("HTTP_AUTHORIZATION")
    if value is None:
        return None
    word, _, credentials = value.strip().partition(" ")
    instance = transaction.instance
    session: Session | None = None
    if word.lower() == "basic":
        transaction.scheme = "basic"
        session = _by_password(transaction, credentials.strip())
    elif word.lower() == "bearer":
        transaction.scheme = "bearer"
        session = tokens.session_for_bearer(instance, credentials.strip(), transaction.explanations.append)
    if session is None:
        raise refusal(instance)
    return session


def session_by_header(transaction: Transaction, asked: Request) -> Session | None:
    """Return the session of the `Authorization` header, None without one. Raises NotAuthenticated for a bad one."""
    return _by_header(transaction, asked)


def session_by_name(transaction: Transaction, name: str, password: str) -> Session | None:
    """Return the session that a user name and a password open, or None; a failure is counted and explained."""
    instance = transaction.instance
    digest = hashlib.sha256(f"{len(name)}:{name}:{password}".encode("utf-8", "surrogatepass")).digest()
    user = instance.cached(("password", digest), ("sys_user",), lambda: _checked(instance, name, password))
    return _let_in(transaction, name, user)


def _by_password(transaction: Transaction, credentials: str) -> Session | None:
    instance = transaction.instance
    digest = hashlib.sha256(credentials.encode("utf-8", "surrogatepass")).digest()
    # Who it is may be remembered until a user changes; who may come in depends on properties, too.
    named = instance.cached(("basic", digest), ("sys_user",), lambda: _named_by(instance, credentials))
    if named is None:
        return None
    name, user = named
    session = _let_in(transaction, name, user)
    # What is restricted is Basic authentication of calls; nobody is kept from signing in to the pages.
    kept_out = refuses_basic(instance, user) if session is not None and user is not None else ""
    if kept_out:
        transaction.explanations.append(kept_out)
        transaction.response_headers.append(("X-Sandtable-Refusal", kept_out))
        return None
    return session


def _let_in(transaction: Transaction, name: str, user: Record | None) -> Session | None:
    """Return the session of a user whose password was right, or None for one who may not come in, or for nobody."""
    instance = transaction.instance
    if user is not None and may_sign_in(instance, user) and not _must_reset(instance, user):
        if user["failed_attempts"] not in ("", "0"):
            _forget_failures(instance, user)
        return instance.acting_as(user)
    with instance.transaction():
        transaction.explanations.append(why_not_basic(instance, name))
        _count_failure(transaction, name)
    return None


def _named_by(instance: Instance, credentials: str) -> tuple[str, Record | None] | None:
    """Return the user name in a Basic payload, and the user when the password is right; None for what is no payload."""
    pair = _basic_pair(credentials)
    if pair is None or not pair[0]:
        return None
    return pair[0], _checked(instance, *pair)


def _basic_pair(credentials: str) -> tuple[str, str] | None:
    """Return user name and password, split at the first colon; None for what is no Basic payload."""
    try:
        data = base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    name, colon, password = text.partition(":")
    return (name, password) if colon else None


def _user_named(instance: Instance, name: str) -> Record | None:
    # The name is a filter value, never part of an encoded query: a caret in it must not add a condition.
    return instance.system().table("sys_user").first(filters={"user_name": name})


def _checked(instance: Instance, name: str, password: str) -> Record | None:
    """Return the user, if there is one and the password is right."""
    user = _user_named(instance, name)
    # An unknown user costs the same work as a wrong password.
    stored = user["user_password"] if user is not None else ""
    return user if verify_password(password, stored) else None


def _must_reset(instance: Instance, user: Record) -> bool:
    mandatory = instance.property_is_true("glide.authenticate.api.user.reset_password.mandatory", False)
    return mandatory and user["password_needs_reset"] == "true"


def may_sign_in(instance: Instance, user: Record) -> bool:
    """Return whether a user is active and not locked out (or locked out for long enough to be let in again)."""
    only_active = instance.property_is_true("glide.authenticate.only.allow.active.user.login", True)
    if only_active and user["active"] != "true":
        return False
    return user["locked_out"] != "true"


def _count_failure(transaction: Transaction, name: str) -> None:
    """Count a failed sign-in, leave an event of it, and lock the user at the limit where the instance does so.

    `sandtable.authentication.lock_out` says whether the lock-out script of the base system is active.
    """
    instance = transaction.instance
    event = {"name": "login.failed", "parm1": name, "parm2": request.remote_addr or "", "state": "processed"}
    instance.system().table("sysevent").insert(event)
    user = _user_named(instance, name)
    if user is None:
        return
    limit = whole_number(instance.property("glide.user.max_unlock_attempts"), 5)
    failures = whole_number(user["failed_attempts"], 0) + 1
    values: dict[str, str] = {"failed_attempts": str(failures)}
    if failures >= limit and not instance.property_is_true("sandtable.authentication.lock_out", False):
        transaction.explanations.append(
            f"after {failures} failed sign-ins an instance whose lock-out script is active would lock this user out"
        )
    elif failures >= limit:
        values["locked_out"] = "true"
        instance.log("warning", "authentication", f"User {user.sys_id} locked out after {failures} failed sign-ins")
    instance.system().table("sys_user").update(user.sys_id, values)


def _forget_failures(instance: Instance, user: Record) -> None:
    with instance.transaction():
        instance.system().table("sys_user").update(user.sys_id, {"failed_attempts": "0"})


def _by_cookie(transaction: Transaction, asked: Request) -> Session | None:
    cookie = asked.cookies.get(COOKIE) if "HTTP_COOKIE" in asked.environ else None
    if not cookie:
        return None
    instance, sessions = transaction.instance, transaction.world.sessions
    live = sessions.find(cookie)
    if live is None:
        return None
    transaction.scheme = "session"
    with instance.transaction():
        user = instance.system().table("sys_user").find(live.user_sys_id)
        session: Session | None = None
        if user is not None and may_sign_in(instance, user):
            session = instance.acting_as(user)
            if live.bearer:
                session = tokens.session_for_bearer(instance, live.bearer)
    if session is None:
        sessions.end(cookie)
        return None
    if asked.method in UNSAFE_METHODS and needs_user_token(instance, asked.method, asked.path):
        _check_token(transaction, live, asked)
    transaction.opened_session = live
    return session


def refuse_forged(transaction: Transaction) -> None:
    """Refuse a write by a method that only reads, such as a link's GET, for which a cookie alone vouches.

    Raises NotAuthenticated. Where the method writes, `authenticate` has seen to it.
    """
    if transaction.scheme == "session" and request.method not in UNSAFE_METHODS:
        try:
            _check_token(transaction, transaction.opened_session, request)
        except Redirected:
            raise refusal(transaction.instance) from None


def _check_token(transaction: Transaction, live: LiveSession, asked: Request) -> None:
    """Refuse a write that only a cookie vouches for, so that another site's page cannot make one."""
    token = asked.headers.get("X-UserToken") or asked.args.get("sysparm_ck")
    if token is None and not needs_authentication(asked.path):
        token = asked.form.get("sysparm_ck")  # forms of pages; a body of the APIs is not looked into
    if token is not None and same_text(token, live.user_token):
        return
    instance = transaction.instance
    strict = instance.property_is_true("glide.security.csrf.strict.validation.mode", True)
    if token and not strict and transaction.world.sessions.is_token_of_another(token, live):
        raise Redirected
    if token:
        transaction.response_headers.append(("X-UserToken-Response", live.user_token))
    raise refusal(instance)


def _guest_may(instance: Instance, asked: Request) -> bool:
    """Return whether a call without credentials may go on as the guest, held by access control only."""
    if not instance.property_is_true("glide.basicauth.required.api", True):
        return True
    matched = resource_for(instance, asked.method, asked.path)
    if matched is not None and not matched[0].requires_authentication:
        return True
    table = (asked.view_args or {}).get("table")
    return table is not None and is_public(instance, table)


def is_public(instance: Instance, table: str) -> bool:
    """Return whether sys_public lists a table as readable without signing in."""
    if not instance.dictionary.has("sys_public"):
        return False

    def pages() -> frozenset[str]:
        return frozenset(record["page"] for record in instance.system().table("sys_public").query("active=true"))

    with instance.transaction():
        return table in instance.cached("public pages", (instance.dictionary.root("sys_public"),), pages)


def _by_certificate(transaction: Transaction, asked: Request) -> Session | None:
    """Return the session of the user that the client's certificate is mapped to; other credentials go before it."""
    over: Any = asked.environ.get("sandtable.connection")  # there is none without a socket
    shown = over.peer_certificate() if hasattr(over, "peer_certificate") else None
    if shown is None:
        return None
    transaction.scheme = "certificate"
    instance = transaction.instance
    user = client_certificates.user_of(instance, shown, transaction.explanations.append)
    if user is None or not may_sign_in(instance, user):
        if user is not None:
            transaction.explanations.append(f"the user {user['user_name']!r} of the certificate may not sign in")
        raise refusal(instance)
    return instance.acting_as(user)


SCHEMES = (_by_api_key, _by_signature, _by_header, _by_cookie, _by_certificate)
