"""Which page answers a request, and what guards it: loopback names, the API key, a token in every form."""

from __future__ import annotations

import hmac
import mimetypes
import secrets
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from sandtable_connector.pages import connectors, rules
from sandtable_connector.pages.screen import CONNECTORS, HEADERS, MANAGEMENT, RULES, Asked, Page, Screen, redirect
from sandtable_connector.pages.workbench import Workbench

STATIC = Path(__file__).parent / "static"
COOKIE = "sandtable_connectors"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Pages:
    """Answers what a browser asks for below `/app`. `api_key`, when given, opens a session when it is typed in."""

    def __init__(self, workbench: Workbench, *, api_key: str | None = None) -> None:
        self._api_key = api_key
        self._sessions: dict[str, str] = {}
        self._screen = Screen(workbench)

    def serves(self, path: str) -> bool:
        """Tell whether a path is one of the pages'."""
        path = path.partition("?")[0]
        return path in ("/", "/app", "/favicon.ico") or path.startswith("/app/")

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Page:
        """Return the page for a request; never raises for what a browser may send."""
        lowered = {name.lower(): value for name, value in headers.items()}
        if not self._is_own_host(lowered):
            return Page(403, b"This address is for this machine only.", "text/plain; charset=utf-8")
        try:
            parts = urlsplit(target)
        except ValueError:
            return Page(400, b"Bad Request", "text/plain; charset=utf-8")
        if parts.path.startswith("/app/static/"):
            return _static(parts.path.removeprefix("/app/static/"))
        session = _cookie(lowered.get("cookie", ""))
        token = self._sessions.get(session, "")
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)) if method == "POST" else {}
        if not token:
            return self._begin(method, target, form)
        if method not in ("GET", "HEAD", "POST"):
            return Page(405, b"Method Not Allowed", "text/plain; charset=utf-8")
        if method == "POST" and not (_same_site(lowered) and hmac.compare_digest(form.get("token", ""), token)):
            text = "The form does not carry the token of this session. Open the page again and send it from there."
            return self._screen.show("message.html", token, status=403, title="Refused", text=text)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return self._routed(Asked(parts.path.rstrip("/"), query, form, method == "POST", token))

    def _routed(self, asked: Asked) -> Page:
        path = asked.path
        views: tuple[tuple[str, Callable[[Screen, Asked, str], Page]], ...] = (
            (CONNECTORS, connectors.answer),
            (RULES, rules.answer),
        )
        for prefix, view in views:
            if path == prefix or path.startswith(f"{prefix}/"):
                return view(self._screen, asked, path.removeprefix(prefix).strip("/"))
        if path in ("", "/app", "/app/management", MANAGEMENT, "/app/home"):
            return redirect(CONNECTORS)
        return self._screen.show(
            "message.html", asked.token, status=404, title="Not found", text="There is no such page."
        )

    def _begin(self, method: str, target: str, form: Mapping[str, str]) -> Page:
        """Open a session; where there is an API key, for those who know it."""
        if self._api_key is not None:
            given = form.get("api_key", "") if method == "POST" else ""
            if not hmac.compare_digest(given.encode(), self._api_key.encode()):
                text = self._screen.text("key.html", wrong=bool(given), target=target)
                return Page(401, text.encode(), headers=HEADERS)
        session, token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        while len(self._sessions) > 500:
            self._sessions.pop(next(iter(self._sessions)))
        self._sessions[session] = token
        # The cookie goes with the redirect, so that the page itself has its token already.
        cookie = f"{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax"
        safe = target if target.startswith("/") and not target.startswith(("//", "/\\")) else CONNECTORS
        return Page(303, headers={**HEADERS, "Location": safe, "Set-Cookie": cookie})

    def _is_own_host(self, headers: Mapping[str, str]) -> bool:
        """Tell whether the request names this machine, so that a stranger's name for it opens nothing."""
        if self._api_key is not None:
            return True
        try:
            return urlsplit(f"//{headers.get('host', '')}").hostname in LOOPBACK
        except ValueError:
            return False


def _static(name: str) -> Page:
    path = STATIC / name
    if "/" in name or path.suffix not in (".css", ".js", ".svg") or not path.is_file():
        return Page(404, b"Not Found", "text/plain; charset=utf-8")
    kind = mimetypes.guess_type(name)[0] or "text/plain"
    return Page(200, path.read_bytes(), f"{kind}; charset=utf-8", {"X-Content-Type-Options": "nosniff"})


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _same_site(headers: Mapping[str, str]) -> bool:
    origin = headers.get("origin")
    try:
        return not origin or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:
        return False
