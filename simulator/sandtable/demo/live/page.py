"""The page of the demo, beside the instance on the same address, so that one frame shows the other."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandtable.demo.live.player import Player
from sandtable.web.worlds.sessions import COOKIE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from sandtable.demo.stage import Stage

FOLDER = Path(__file__).parent
PREFIX = "/demo"
FILES = {"live.css": "text/css; charset=utf-8", "live.js": "text/javascript; charset=utf-8"}
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
)
LARGEST_BODY = 64 * 1024


class LivePage:
    """Answers what is below /demo, and hands everything else to the instance.

    Whoever opens the page is signed in to the instance as its administrator: it listens on this machine only.
    """

    def __init__(self, stage: Stage, player: Player) -> None:
        self._stage = stage
        self._player = player
        self._instance_app: WSGIApplication = stage.app
        self._token = secrets.token_urlsafe(24)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            return self._instance_app(environ, start_response)
        status, kind, body, headers = self._answer(environ, path.removeprefix(PREFIX).strip("/"))
        shown = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        shown += [("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", POLICY), *headers]
        start_response(status, shown)
        return [body]

    def _answer(self, environ: WSGIEnvironment, name: str) -> tuple[str, str, bytes, list[tuple[str, str]]]:
        if urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname not in LOOPBACK:
            return "403 Forbidden", "text/plain", b"This page is for this machine only.", []
        if name in FILES:
            return "200 OK", FILES[name], (FOLDER / name).read_bytes(), []
        if name == "state":
            return _json("200 OK", self._player.state)
        if name == "do":
            return self._do(environ)
        if name:
            return "404 Not Found", "text/plain", b"Not found", []
        text = (FOLDER / "live.html").read_text("utf-8").replace("{{token}}", self._token)
        return "200 OK", "text/html; charset=utf-8", text.encode(), [("Set-Cookie", self._signed_in())]

    def _do(self, environ: WSGIEnvironment) -> tuple[str, str, bytes, list[tuple[str, str]]]:
        given = environ.get("HTTP_X_DEMO_TOKEN", "")
        if environ.get("REQUEST_METHOD") != "POST" or not secrets.compare_digest(given.encode(), self._token.encode()):
            return _json("403 Forbidden", {"error": "open the page again: it has another token now"})
        try:
            length = min(int(environ.get("CONTENT_LENGTH") or 0), LARGEST_BODY)
            asked = json.loads(environ["wsgi.input"].read(length) or b"{}")
            values = {str(name): str(value) for name, value in asked.items()}
            self._player.act(values.pop("do", ""), values)
        except (ValueError, AttributeError) as error:
            return _json("400 Bad Request", {"error": str(error)})
        return _json("200 OK", self._player.state)

    def _signed_in(self) -> str:
        """Return the cookie of a session of the administrator."""
        admin = self._stage.instance.system().table("sys_user").first(filters={"user_name": "admin"})
        assert admin is not None
        live = self._stage.world.sessions.open(admin.sys_id, ui=True)
        return f"{COOKIE}={live.session_id}; Path=/; HttpOnly; SameSite=Lax"


def _json(status: str, content: Any) -> tuple[str, str, bytes, list[tuple[str, str]]]:
    return status, "application/json", json.dumps(content).encode(), []
