"""Who looks at a page: a signed-in user with a live session, and what that session has seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import request

from sandtable.core.values.errors import NotAuthenticated
from sandtable.web.environ import parts_of
from sandtable.web.steps.authentication import may_sign_in, session_by_header
from sandtable.web.worlds.sessions import COOKIE, LiveSession, same_text

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.table_access import Record
    from sandtable.web.transaction import Transaction

TOKEN = "sysparm_ck"  # noqa: S105 - the name of a form field
TOKEN_HEADER = "X-UserToken"  # noqa: S105 - the name of a header
SCOPE_PICKED = "apps.current_app"
VISITS_KEPT = 30
LARGEST_FORM = 64 * 1024 * 1024  # bytes of what is typed; files do not count
MOST_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in user: the session of the core, the live session of the browser, and the record of the user."""

    session: Session
    live: LiveSession
    user: Record

    @property
    def name(self) -> str:
        return self.user["name"] or self.user["user_name"]

    @property
    def initials(self) -> str:
        letters = "".join(part[:1] for part in self.name.split()[:2])
        return letters.upper() or "?"

    @property
    def is_impersonating(self) -> bool:
        return bool(self.live.impersonator)

    def visit(self, address: str, title: str) -> None:
        """Note a page in the history of the session, the newest first and each page once."""
        kept = [each for each in self.live.visits if each[0] != address]
        self.live.visits[:] = [(address, title[:120]), *kept][:VISITS_KEPT]

    def tell(self, kind: str, text: str) -> None:
        """Have a message shown on the next page: `ok`, `warning` or `error`."""
        self.live.messages.append((kind, text))


def find_visitor(transaction: Transaction, *, watching: bool = False) -> Visitor | None:
    """Return who is signed in, or None; `watching` does not count as a use of the session.

    Takes the session of a browser's cookie, or Basic and bearer credentials, which open one. Raises NotAuthenticated
    for credentials that are wrong.
    """
    instance, sessions = transaction.instance, transaction.world.sessions
    if "Authorization" in request.headers:
        return _by_header(transaction)
    cookie = request.cookies.get(COOKIE, "")
    live = sessions.peek(cookie) if watching else sessions.find(cookie)
    if live is None or (watching and sessions.is_over(live)):
        return None
    with instance.transaction():
        user = instance.system().table("sys_user").find(live.user_sys_id)
    if user is None or not may_sign_in(instance, user):
        sessions.end(cookie)
        return None
    transaction.session = instance.acting_as(user)
    transaction.logged_in = True
    transaction.scheme = "session"
    transaction.opened_session = live
    return Visitor(transaction.session, live, user)


def _by_header(transaction: Transaction) -> Visitor | None:
    session = session_by_header(transaction, request)
    if session is None or session.user is None:
        raise NotAuthenticated
    transaction.session = session
    transaction.logged_in = True
    # A session of its own for each such page, whose token guards the forms on it.
    live = transaction.world.sessions.open(session.user_sys_id, ui=True)
    transaction.opened_session = live
    set_cookie(transaction, live)
    return Visitor(session, live, session.user)


def set_cookie(transaction: Transaction, live: LiveSession) -> None:
    """Have the answer hand the browser its session; kept from scripts, and from other sites' forms."""
    end = "; SameSite=None; Secure" if request.scheme == "https" else "; SameSite=Lax"
    transaction.response_headers.append(("Set-Cookie", f"{COOKIE}={live.session_id}; Path=/; HttpOnly{end}"))


def wait_for_form() -> None:
    """Read the form of a request before a transaction begins, so that a slow client keeps nobody waiting but itself.

    Raises RequestEntityTooLarge.
    """
    request.max_form_memory_size = LARGEST_FORM
    request.max_form_parts = MOST_PARTS
    len(request.form)


def is_own_page() -> bool:
    """Return whether a request comes from a page of this instance, as far as the browser says where it comes from."""
    origin = request.headers.get("Origin")
    return not origin or parts_of(origin).netloc.lower() == (request.environ.get("HTTP_HOST") or "").lower()


def carries_token(visitor: Visitor) -> bool:
    """Return whether a writing request carries the token of the session, in the form or a header."""
    token = request.headers.get(TOKEN_HEADER) or request.form.get(TOKEN) or ""
    return is_own_page() and same_text(token, visitor.live.user_token)


def address_of_this_page() -> str:
    """Return path and query of the request, without the prefix of a world."""
    query = request.query_string.decode("latin-1")
    return quote(request.path, safe="/$._-~") + (f"?{query}" if query else "")


def inside(target: str) -> str:
    """Return an address of this instance that a parameter names, empty for one that leads elsewhere."""
    if not target:
        return ""
    parts = parts_of(target)
    elsewhere = parts.scheme or parts.netloc or "\\" in target or target.startswith("//")
    if elsewhere or any(ord(each) < 33 or ord(each) == 127 for each in target):
        return ""
    return "/" + target.lstrip("/")


def preference(session: Session, name: str, default: str = "") -> str:
    """Return a preference of the user."""
    user = session.user_sys_id

    def read() -> dict[str, str]:
        rows = session.without_access_control().table("sys_user_preference")
        found = rows.page("", limit=None, offset=0, count=False, filters={"user": user}).records
        # Of several records of one name the first counts, as everywhere.
        return {record["name"]: record["value"] for record in reversed(found)}

    kept = session.instance.cached(("console preferences", user), ("sys_user_preference",), read)
    return kept.get(name, default)


def prefer(session: Session, name: str, value: str) -> None:
    """Keep a preference of the user as a record."""
    mine = {"user": session.user_sys_id, "name": name}
    rows = session.without_access_control().table("sys_user_preference")
    found = rows.first(filters=mine)
    if found is not None:
        rows.update(found.sys_id, {"value": value})
    else:
        rows.insert({**mine, "value": value})
