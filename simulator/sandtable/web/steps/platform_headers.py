"""The headers that every answer of the platform carries, and the cookies of the first authenticated one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.http import http_date

from sandtable.web.steps.authentication import challenges
from sandtable.web.transaction import Transaction
from sandtable.web.worlds.sessions import COOKIE, ROUTE_COOKIE, STORE_COOKIE

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

FIXED = (
    ("Server-Timing", "sem_wait;dur=0, sesh_wait;dur=0"),
    ("X-Content-Type-Options", "nosniff"),
    ("Pragma", "no-store,no-cache"),
    ("Cache-Control", "no-cache,no-store,must-revalidate,max-age=-1"),
    ("Expires", "0"),
    ("Server", "ServiceNow"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
)
EMPTIED = "Max-Age=0; Expires=Thu, 01-Jan-1970 00:00:10 GMT"
FOR_EVER = 2147483647
SESSION_SECONDS = 1800


def add_platform_headers(transaction: Transaction, answer: Response) -> Response:
    """Add the platform's headers to an answer of the instance; the test plane's answers stay plain."""
    if request.path.startswith("/_sandtable"):
        return answer
    instance = transaction.instance
    # The product streams its answers; without a length the server sends chunks.
    answer.automatically_set_content_length = False
    answer.headers.pop("Content-Length", None)
    if answer.status_code == 204:
        answer.headers.pop("Content-Type", None)
    for name, value in FIXED:
        answer.headers.setdefault(name, value)
    answer.headers["Date"] = http_date(instance.clock.timestamp())
    answer.headers["X-Transaction-ID"] = transaction.transaction_id
    if transaction.logged_in:
        answer.headers["X-Is-Logged-In"] = "true"
        if transaction.opened_session is None:
            _open_session(transaction, answer)
    elif answer.status_code == 401 and request.path.startswith("/api"):
        if instance.property_is_true("sandtable.web.logged_in_header_on_401", True):
            answer.headers["X-Is-Logged-In"] = "false"
        for challenge in challenges(transaction):
            answer.headers.add("WWW-Authenticate", challenge)
        # A session that lives on in spite of the refusal must not be taken from its client.
        if transaction.scheme != "session":
            for cookie in _cookies(instance, f"{instance.secrets.getrandbits(128):032X}")[:3]:
                answer.headers.add("Set-Cookie", cookie)
    elif request.path.startswith("/api"):
        answer.headers["X-Is-Logged-In"] = "false"
    for name, value in transaction.response_headers:
        answer.headers.add(name, value)
    return answer


def _open_session(transaction: Transaction, answer: Response) -> None:
    instance = transaction.instance
    bearer = ""
    if transaction.scheme == "bearer" and instance.property_is_true(
        "glide.authenticate.oauth.post.token.expiration.cookie_auth.disabled", True
    ):
        bearer = request.headers.get("Authorization", "").partition(" ")[2].strip()
    opened = transaction.world.sessions.open(transaction.session.user_sys_id, bearer=bearer)
    for cookie in _cookies(instance, opened.session_id):
        answer.headers.add("Set-Cookie", cookie)


def _cookies(instance: Instance, session_id: str) -> list[str]:
    """Return the values of Set-Cookie; `Secure` only over HTTPS, where a browser would send the cookie back."""
    end = "HttpOnly; SameSite=None; Secure" if request.scheme == "https" else "HttpOnly; SameSite=Lax"
    now = instance.clock.timestamp()
    pool = instance.secrets.getrandbits(32)
    secure = "; Secure" if request.scheme == "https" else ""
    return [
        f"{COOKIE}={session_id}; Path=/; {end}",
        f"glide_user=; {EMPTIED}; Path=/; {end}",
        f"glide_user_session=; {EMPTIED}; Path=/; {end}",
        f"{ROUTE_COOKIE}=glide.{instance.secrets.getrandbits(128):032x}; {_lasting(now, FOR_EVER)}; Path=/; {end}",
        f"{STORE_COOKIE}={instance.secrets.getrandbits(128):032X}; {_lasting(now, SESSION_SECONDS)}; Path=/; {end}",
        f"BIGipServerpool_{instance.name}={pool}.{16384 + pool % 1000}.0000; path=/; Httponly{secure}",
    ]


def _lasting(now: float, seconds: int) -> str:
    """Return a cookie's life time, with its end in the older form of dates: `Tue, 07-Mar-2023 10:00:00 GMT`."""
    day, date, month, year, rest = http_date(now + seconds).split(" ", 4)
    return f"Max-Age={seconds}; Expires={day} {date}-{month}-{year} {rest}"
