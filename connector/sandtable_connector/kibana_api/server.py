"""The API on a socket: loopback only, unless there is an API key."""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Protocol

from sandtable_connector.kibana_api.routes import MOST_BYTES, Answer, KibanaApi, Refused
from sandtable_connector.values.invalid_input import InvalidInput

_IDLE_SECONDS = 60


class BrowserPage(Protocol):
    """An answer for a browser."""

    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...
    @property
    def content_type(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class BrowserPages(Protocol):
    """What answers beside the API, for browsers."""

    def serves(self, path: str) -> bool:
        """Tell whether a path is one of the pages'."""

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> BrowserPage:
        """Return the page for a request; never raises."""


class KibanaServer:
    """Serves a `KibanaApi`; a context manager. Port 0 takes a free one. InvalidInput when it cannot listen there.

    `open_to_others` says that the API asks for a key of its own, without which only a loopback address is allowed, and
    only loopback names of it: a page that leads a name of its own here would share its origin. `pages` answer browsers
    beside it.
    """

    def __init__(
        self,
        api: KibanaApi,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        open_to_others: bool = False,
        pages: BrowserPages | None = None,
    ) -> None:
        if not open_to_others and not is_loopback(host):
            raise InvalidInput(
                "anybody who can reach this address could use the connectors",
                field="host",
                fix="Listen on 127.0.0.1, or set an API key.",
            )
        try:
            self._server = _Server((host, port), _handler(api, pages, by_any_name=open_to_others))
        except OSError as error:
            raise InvalidInput(f"cannot listen on {host}:{port}: {error.strerror}", field="port") from None
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """Return the address it answers at."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def __enter__(self) -> KibanaServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_local_name(authority: str) -> bool:
    """Return whether the value of a Host header names this machine itself; an empty one came from no page."""
    host = authority.strip().lower()
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0].rstrip(".")
    return not host or host.endswith(".localhost") or is_loopback(host)


def _handler(api: KibanaApi, pages: BrowserPages | None, *, by_any_name: bool) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "sandtable-connector"
        sys_version = ""
        timeout = _IDLE_SECONDS

        def _serve(self) -> None:
            if pages is not None and pages.serves(self.path):
                self._reply_page()
            else:
                self._reply(self._answer())

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815

        def _reply_page(self) -> None:
            assert pages is not None
            length = self.headers.get("Content-Length", "0")
            usable = length.isascii() and length.isdigit() and int(length) <= MOST_BYTES
            self.close_connection = self.close_connection or not usable
            body = self.rfile.read(int(length)) if usable else b""
            page = pages.answer(self.command, self.path, dict(self.headers.items()), body)
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(page.body)

        def _answer(self) -> Answer:
            hosts = self.headers.get_all("Host", [""])
            if len(hosts) != 1 or not (by_any_name or is_local_name(hosts[0])):
                self.close_connection = True
                return Refused(403, "Forbidden: call this server as localhost, or give it an API key").answer()
            length = self.headers.get("Content-Length", "0")
            if "Transfer-Encoding" in self.headers or not length.isascii() or not length.isdigit():
                self.close_connection = True
                return Refused(400, "Bad Request: a body needs a Content-Length").answer()
            if int(length) > MOST_BYTES:
                self.close_connection = True
                return Refused(413, f"Payload content length greater than maximum allowed: {MOST_BYTES}").answer()
            body = self.rfile.read(int(length))
            if len(body) < int(length):
                self.close_connection = True
                return Refused(400, "Bad Request: the body ended before its Content-Length").answer()
            return api.answer(self.command, self.path, dict(self.headers.items()), body)

        def _reply(self, answer: Answer) -> None:
            content = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD" and answer.status != 204:
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: a request line may hold what the log must not."""

        def handle(self) -> None:
            try:
                super().handle()
            except (TimeoutError, ConnectionError):
                self.close_connection = True

    return Handler
