"""A transport that puts the request target on the wire byte for byte.

requests and urllib3's pools quote a URL again (``^`` becomes ``%5E``), so this works below them: a socket opened by
`dial`, and urllib3's connection object, which sends what it is given and decodes the answer. Each exchange has its own
connection, as with Kibana's agents; there is no idle connection to go stale or to be left open.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.response import BaseHTTPResponse
from urllib3.util import SKIP_HEADER

from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.errors import AnswerUnusable, ConnectionFailed, ConnectorError, ProxyRefused, ResponseTooLarge
from sandtable_connector.settings.networking import Networking, Route
from sandtable_connector.settings.tls import TlsSettings, context_for
from sandtable_connector.transport.dial import connection_error, open_socket
from sandtable_connector.transport.messages import Request, Response

_CHUNK = 65536
_ADDED_BY_URLLIB3 = ("accept-encoding", "user-agent")


class WireTransport:
    """Carries requests over sockets, by the rules of a `Networking`; safe to share between threads."""

    def __init__(self, networking: Networking | None = None, behaviour: Behaviour | None = None) -> None:
        self._networking = networking or Networking()
        self._behaviour = behaviour or Behaviour.documented()
        self._contexts: dict[TlsSettings, ssl.SSLContext] = {}

    def send(self, request: Request) -> Response:
        """Carry one request; raises a ConnectorError when no complete answer comes within the limits."""
        check_headers(request)
        timeout = self._networking.response_timeout
        route = self._networking.route(request.url, self._behaviour)
        try:
            sock = open_socket(route, timeout=timeout, context_for=self._context)
        except ProxyRefused as error:
            if error.status is None or not self._behaviour.javascript_slips:
                raise
            # The proxy's answer passes for the instance's.
            return Response(error.status, {}, b"", request.url)
        with _deadline(sock, timeout) as expired:
            connection = HTTPConnection(route.host, route.port, timeout=timeout)
            connection.sock = sock
            try:
                return self._exchange(connection, request, route, expired)
            finally:
                connection.close()
                sock.close()

    def _context(self, settings: TlsSettings) -> ssl.SSLContext:
        if settings not in self._contexts:
            self._contexts[settings] = context_for(settings)
        return self._contexts[settings]

    def _exchange(
        self, connection: HTTPConnection, request: Request, route: Route, expired: threading.Event
    ) -> Response:
        timeout = self._networking.response_timeout
        try:
            raw = self._answer(connection, request, route)
        except http.client.HTTPException as error:
            if expired.is_set():
                raise connection_error(TimeoutError(), timeout) from error
            if isinstance(error, http.client.RemoteDisconnected):
                raise connection_error(error, timeout) from error
            raise ConnectionFailed("Parse Error: Expected HTTP/", code="HPE_INVALID_CONSTANT") from error
        except OSError as error:
            raise connection_error(TimeoutError() if expired.is_set() else error, timeout) from error
        if expired.is_set():
            raw.close()
            # Cut off among its headers, an answer looks like one that ended there.
            raise connection_error(TimeoutError(), timeout)
        try:
            with closing(raw):
                body = read_limited(raw, self._networking.max_response_content_length)
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            if isinstance(error, urllib3.exceptions.DecodeError):
                raise AnswerUnusable("incorrect header check", code="Z_DATA_ERROR") from error
            raise self._cut_short() from error
        if expired.is_set():
            raise self._cut_short()
        return Response(raw.status, dict(raw.headers), body, request.url)

    def _cut_short(self) -> ConnectorError:
        """Return the error for an answer that ended early; axios 1.6 takes it for one that is too large."""
        if self._behaviour.axios_version.startswith("1.6."):
            limit = self._networking.max_response_content_length
            return ConnectionFailed(f"maxContentLength size of {limit} exceeded", code="ERR_BAD_RESPONSE")
        return ConnectionFailed("stream has been aborted", code="ERR_BAD_RESPONSE")

    def _answer(self, connection: HTTPConnection, request: Request, route: Route) -> BaseHTTPResponse:
        parts = urlsplit(request.url)
        target = request.url[len(f"{parts.scheme}://{parts.netloc}") :] or "/"
        headers = dict(request.headers)
        if route.proxy is not None and not route.tunnel:
            target = request.url
            if route.proxy.authorization is not None:
                headers["Proxy-Authorization"] = route.proxy.authorization
        headers |= {"Host": parts.netloc, "Connection": "close"}
        given = {name.lower() for name in headers}
        headers |= {name: SKIP_HEADER for name in _ADDED_BY_URLLIB3 if name not in given}
        # A server may answer and close before it has read the whole body; its answer is then still there to be read.
        with suppress(BrokenPipeError):
            connection.request(request.method, target, request.body, headers, preload_content=False)
        return connection.getresponse()


def read_limited(raw: BaseHTTPResponse, limit: int) -> bytes:
    """Return a whole decoded body; ResponseTooLarge when it has more than ``limit`` bytes."""
    body = bytearray()
    while chunk := raw.read(_CHUNK):
        body += chunk
        if len(body) > limit:
            raise too_large(limit)
    return bytes(body)


def too_large(limit: int) -> ResponseTooLarge:
    """Return the error for a body of more than ``limit`` bytes."""
    return ResponseTooLarge(f"maxContentLength size of {limit} exceeded", code="ERR_BAD_RESPONSE", user_error=True)


def check_headers(request: Request) -> None:
    """Refuse a header value that HTTP cannot carry, without showing it (AnswerUnusable, as Node words it)."""
    for name, value in request.headers.items():
        if re.search(r"[^\t\x20-\x7e\x80-\xff]", value):
            raise AnswerUnusable(f'Invalid character in header content ["{name}"]', code="ERR_INVALID_CHAR")


@contextmanager
def _deadline(sock: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """Cut a socket off after some seconds in all: its own timeout starts anew with each byte of a dripping answer."""
    expired = threading.Event()
    underlying = getattr(sock, "socket", sock)

    def cut() -> None:
        expired.set()
        with suppress(OSError):
            # The plain socket's method: SSLSocket's own would pull the TLS state from under the reading thread.
            socket.socket.shutdown(underlying, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()
