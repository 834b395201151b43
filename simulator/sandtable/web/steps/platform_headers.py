"""The headers that every answer of the platform carries, and the cookies of the first authenticated one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Response
from werkzeug.http import http_date

from sandtable.web.environ import is_unobserved
from sandtable.web.steps.authentication import challenges
from sandtable.web.transaction import Transaction
from sandtable.web.wire.answers import put_at_end
from sandtable.web.worlds.sessions import COOKIE, ROUTE_COOKIE, STORE_COOKIE

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

_FIXED = (
    ("Server-Timing", "sem_wait;dur=0, sesh_wait;dur=0"),
    ("X-Content-Type-Options", "nosniff"),
    ("Pragma", "no-store,no-cache"),
    ("Cache-Control", "no-cache,no-store,must-revalidate,max-age=-1"),
    ("Expires", "0"),
    ("Server", "ServiceNow"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
)
FIXED = tuple((pair, pair[0].lower()) for pair in _FIXED)  # with the name as it is looked for
EMPTIED = "Max-Age=0; Expires=Thu, 01-Jan-1970 00:00:10 GMT"
FOR_EVER = 2147483647
SESSION_SECONDS = 1800


def add_platform_headers(transaction: Transaction, answer: Response) -> Response:
    """Add the platform's headers to an answer of the instance; the plane's, and what pages fetch, stay plain."""
    path = transaction.path
    if is_unobserved(transaction.environ):
        return answer
    instance = transaction.instance
    headers = answer.headers
    # The product streams its answers; without a length the server sends chunks.
    answer.automatically_set_content_length = False
    present = {name.lower() for name in headers.keys()}  # noqa: SIM118 - of a Headers, these are not what `in` looks at
    if "content-length" in present:
        headers.pop("Content-Length", None)
    if answer.status_code == 204:
        headers.pop("Content-Type", None)
    added = [pair for pair, key in FIXED if key not in present]
    if instance.property_is_true("sandtable.web.newer_server_headers", False):
        added = [_newer(name, value, transaction.transaction_id) for name, value in added]
    for name, value in (
        ("Date", date_text(int(instance.clock.timestamp() // 1))),
        ("X-Transaction-ID", transaction.transaction_id),
    ):
        if name.lower() in present:
            headers.pop(name)
        added.append((name, value))
    if transaction.logged_in:
        added.append(("X-Is-Logged-In", "true"))
        if transaction.opened_session is None:
            added += _open_session(transaction)
    elif answer.status_code == 401 and path.startswith("/api"):
        if instance.property_is_true("sandtable.web.logged_in_header_on_401", True):
            added.append(("X-Is-Logged-In", "false"))
        added += [("WWW-Authenticate", challenge) for challenge in challenges(transaction)]
        # A session that lives on in spite of the refusal must not be taken from its client.
        if transaction.scheme != "session":
            scheme = transaction.environ["wsgi.url_scheme"]
            cookies = _cookies(instance, f"{instance.secrets.getrandbits(128):032X}", scheme)[:3]
            added += [("Set-Cookie", cookie) for cookie in cookies]
    elif path.startswith("/api"):
        added.append(("X-Is-Logged-In", "false"))
    # All at once, past the checks of each: these are ours, and hold no line breaks.
    put_at_end(headers, added)
    for name, value in transaction.response_headers:
        headers.add(name, value)
    return answer


def _newer(name: str, value: str, transaction_id: str) -> tuple[str, str]:
    """Return a fixed header as instances behind the vendor's newer delivery network send it."""
    if name == "Server-Timing":
        return name, f't;desc="{transaction_id}", {value}'
    return (name, "snow_adc") if name == "Server" else (name, value)


@lru_cache(maxsize=256)
def date_text(second: int) -> str:
    """Return unix seconds as HTTP writes them: `Tue, 07 Mar 2023 10:00:00 GMT`."""
    return http_date(second)


def _open_session(transaction: Transaction) -> list[tuple[str, str]]:
    instance = transaction.instance
    bearer = ""
    if transaction.scheme == "bearer" and instance.property_is_true(
        "glide.authenticate.oauth.post.token.expiration.cookie_auth.disabled", True
    ):
        bearer = transaction.environ.get("HTTP_AUTHORIZATION", "").partition(" ")[2].strip()
    opened = transaction.world.sessions.open(transaction.session.user_sys_id, bearer=bearer)
    return [
        ("Set-Cookie", cookie)
        for cookie in _cookies(instance, opened.session_id, transaction.environ["wsgi.url_scheme"])
    ]


def _cookies(instance: Instance, session_id: str, scheme: str) -> list[str]:
    """Return the values of Set-Cookie; `Secure` only over HTTPS, where a browser would send the cookie back."""
    is_secure = scheme == "https"
    end = "HttpOnly; SameSite=None; Secure" if is_secure else "HttpOnly; SameSite=Lax"
    now = instance.clock.timestamp()
    drawn = f"{instance.secrets.getrandbits(32 + 128 + 128):072x}"
    pool = int(drawn[:8], 16)
    secure = "; Secure" if is_secure else ""
    return [
        f"{COOKIE}={session_id}; Path=/; {end}",
        f"glide_user=; {EMPTIED}; Path=/; {end}",
        f"glide_user_session=; {EMPTIED}; Path=/; {end}",
        f"{ROUTE_COOKIE}=glide.{drawn[8:40]}; {_lasting(now, FOR_EVER)}; Path=/; {end}",
        f"{STORE_COOKIE}={drawn[40:].upper()}; {_lasting(now, SESSION_SECONDS)}; Path=/; {end}",
        f"BIGipServerpool_{instance.name}={pool}.{16384 + pool % 1000}.0000; path=/; Httponly{secure}",
    ]


def _lasting(now: float, seconds: int) -> str:
    """Return a cookie's life time, with its end in the older form of dates: `Tue, 07-Mar-2023 10:00:00 GMT`."""
    day, date, month, year, rest = date_text(int((now + seconds) // 1)).split(" ", 4)
    return f"Max-Age={seconds}; Expires={day} {date}-{month}-{year} {rest}"
