"""What stands between a connector and its instance: answers that come too late, and a host that redirects lead to."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

LONGEST_PATIENCE = 600.0
"""Seconds: whoever waits longer for an answer waits for ever, as far as an alert is concerned."""

CREDENTIALS = frozenset({"authorization", "cookie", "x-sn-apikey", "proxy-authorization"})
# What a stranger answers who wants to be taken for the instance.
IMPOSTOR = {"result": [{"sys_id": "f" * 32, "status": "inserted", "display_value": "INC9999999", "table": "incident"}]}


class Late(BaseAdapter):
    """Lets the first call of a kind through, and its answer never come: what the client hears is its own time-out.

    ``waited`` holds how long it would have waited, ``again`` how many calls of that kind came after.
    """

    def __init__(self, inner: BaseAdapter, when: Mapping[str, str]) -> None:
        super().__init__()
        self._inner = inner
        self._when = when
        self.waited: list[float | None] = []
        self.again = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Carry a call; raises ReadTimeout for the one that is late."""
        answer = self._inner.send(request, *args, **options)
        path = urlsplit(request.url or "").path
        if request.method != self._when["method"] or not fnmatchcase(path, self._when["path"]):
            return answer
        if self.waited:
            self.again += 1
            return answer
        self.waited.append(_seconds(options.get("timeout")))
        raise requests.ReadTimeout("the answer did not come in time", request=request)

    def close(self) -> None:
        """Nothing is held open."""


def _seconds(timeout: Any) -> float | None:
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    found = getattr(timeout, "read_timeout", timeout)
    return float(found) if isinstance(found, int | float) else None


class Abroad(BaseAdapter):
    """Another host, for a connector in this process: it answers as the instance would, and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.leaked: list[str] = []
        self.calls = 0
        self._builder = HTTPAdapter()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Answer one call."""
        self.calls += 1
        self.leaked += [name.lower() for name in request.headers if name.lower() in CREDENTIALS]
        raw = HTTPResponse(
            body=BytesIO(json.dumps(IMPOSTOR).encode()),
            headers={"Content-Type": "application/json"},
            status=201 if request.method == "POST" else 200,
            preload_content=False,
        )
        return self._builder.build_response(request, raw)

    def close(self) -> None:
        """Nothing is held open."""


class AbroadServer:
    """Another host, for a connector that is a program: it listens on a free port of this machine."""

    def __init__(self) -> None:
        self.leaked: list[str] = []
        self.calls = 0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                owner.calls += 1
                owner.leaked += [name.lower() for name in self.headers if name.lower() in CREDENTIALS]
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = json.dumps(IMPOSTOR).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the names that the base class asks for

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # Another name than the instance's address, so that it is another host for every client.
        self.url = f"http://localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
