"""An instance without a socket: a `requests` transport onto the WSGI application.

The request target, duplicate headers and cookies arrive as they would over a socket, and connection faults surface as
the exceptions that `requests` raises for a real connection.
"""

from __future__ import annotations

import http.client
import io
import logging
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from sandtable.core.instance import Instance

_log = logging.getLogger("sandtable.inprocess")
DEFAULT_URL = "https://dev00000.service-now.com"


class MemoryConnection:
    """The in-process counterpart of a socket for faults: `environ["sandtable.connection"]`."""

    def __init__(self) -> None:
        self.cut = False
        self.reset = False

    def abort(self, *, reset: bool = True) -> None:
        """End the exchange now; the client sees a reset connection, or the end of the stream."""
        self.cut = True
        self.reset = reset

    def error(self) -> Exception:
        """Return what the operating system or the HTTP client would have raised."""
        if self.reset:
            return ConnectionResetError(104, "Connection reset by peer")
        return http.client.RemoteDisconnected("Remote end closed connection without response")


class WSGIAdapter(BaseAdapter):
    """A transport that answers requests by calling a WSGI application in this thread; timeouts do not apply."""

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self._app = app
        self._builder = HTTPAdapter()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer one prepared request; raises requests.ConnectionError when a fault cuts the connection."""
        connection = MemoryConnection()
        environ = environ_of(request, connection)
        status, headers, chunks = _called(self._app, environ)
        body = io.BytesIO()
        try:
            for chunk in chunks:
                if connection.cut and not body.tell():
                    break
                body.write(chunk)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        if connection.cut and not body.tell():
            raise requests.ConnectionError(("Connection aborted.", connection.error()), request=request)
        message = http.client.HTTPMessage()
        listed = HTTPHeaderDict()
        for name, value in headers:
            message[name] = value
            listed.add(name, value)
        code, _, reason = status.partition(" ")
        response = HTTPResponse(
            body=_Cut(body.getvalue(), connection) if connection.cut else io.BytesIO(body.getvalue()),
            headers=listed,
            status=int(code),
            version=11,
            reason=reason,
            preload_content=False,
            request_method=request.method,
            original_response=_Original(message),  # type: ignore[arg-type]
        )
        return self._builder.build_response(request, response)

    def close(self) -> None:
        """Nothing is held open."""


class _Original:
    """As much of http.client.HTTPResponse as the cookie jar and urllib3 look at."""

    def __init__(self, message: http.client.HTTPMessage) -> None:
        self.msg = message

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is held open."""


class _Cut(io.BytesIO):
    """A body whose connection breaks after the bytes that were sent."""

    def __init__(self, sent: bytes, connection: MemoryConnection) -> None:
        super().__init__(sent)
        self._connection = connection

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if not data and size != 0:
            raise self._connection.error()
        return data


def environ_of(request: requests.PreparedRequest, connection: MemoryConnection) -> dict[str, Any]:
    """Return the WSGI environment of a prepared request; its target is passed on byte for byte."""
    url = request.url or ""
    scheme, _, rest = url.partition("://")
    cut = min((at for at in (rest.find(mark) for mark in "/?#") if at >= 0), default=len(rest))
    authority, target = rest[:cut], rest[cut:].partition("#")[0]
    if not target.startswith("/"):
        target = "/" + target
    raw_target = target.encode("utf-8").decode("latin-1")
    path, _, query = raw_target.partition("?")
    parts = urlsplit(f"{scheme}://{authority}")
    body, length = _body_of(request)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": (request.method or "GET").upper(),
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": raw_target,
        "RAW_URI": raw_target,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": authority.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "sandtable.connection": connection,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            environ[key] = text
        elif key != "TRANSFER_ENCODING":
            environ[f"HTTP_{key}"] = text
    if length is not None:
        environ.setdefault("CONTENT_LENGTH", str(length))
    return environ


def _body_of(request: requests.PreparedRequest) -> tuple[bytes, int | None]:
    """Return the bytes a request carries, and their number unless they were sent in chunks."""
    body: Any = request.body
    if body is None:
        return b"", None
    if isinstance(body, str):
        body = body.encode("utf-8")
    if isinstance(body, bytes | bytearray):
        return bytes(body), len(body)
    if hasattr(body, "read"):
        data = body.read()
        return (data.encode("utf-8") if isinstance(data, str) else data), None
    chunks = (chunk.encode("utf-8") if isinstance(chunk, str) else chunk for chunk in body)
    return b"".join(chunks), None


def _called(app: WSGIApplication, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
    answer: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        answer[:] = [status, headers]
        return written.append

    written: list[bytes] = []
    chunks = app(environ, start_response)
    if not answer:
        # A generator application begins its answer with its first chunk.
        iterator = iter(chunks)
        first = next(iterator, b"")
        return answer[0], answer[1], _joined([*written, first], iterator)
    return answer[0], answer[1], _joined(written, chunks) if written else chunks


def _joined(first: Iterable[bytes], rest: Iterable[bytes]) -> Iterable[bytes]:
    yield from first
    yield from rest


def session_for(target: Instance | WSGIApplication, base_url: str = DEFAULT_URL) -> requests.Session:
    """Return a requests.Session whose calls to `base_url` are answered in this process; all other hosts are refused."""
    app = target if callable(target) else app_for(target)
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _Refusing())
    session.mount("http://", _Refusing())
    session.mount(base_url.rstrip("/"), WSGIAdapter(app))
    return session


def app_for(instance: Instance) -> WSGIApplication:
    """Return the web application in front of an instance."""
    from sandtable.web.app import create_app
    from sandtable.worlds import Worlds

    return create_app(Worlds(instance))


class _Refusing(BaseAdapter):
    """Refuses every host but the simulated one, so that a test cannot reach the network by mistake."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        raise requests.ConnectionError(f"{request.url} is not the simulated instance", request=request)

    def close(self) -> None:
        """Nothing is held open."""


class RehearsalInstance:
    """A fresh instance for scenario runs: `base_url`, and `session()` for a requests.Session onto it."""

    def __init__(self, instance: Instance, base_url: str = DEFAULT_URL) -> None:
        self.instance = instance
        self.base_url = base_url
        self._app = app_for(instance)

    def session(self) -> requests.Session:
        """Return a new session without cookies."""
        return session_for(self._app, self.base_url)


def rehearsal_instance() -> RehearsalInstance:
    """Return a new instance with the default applications and users, reachable only through its session."""
    from sandtable.assembly import create_instance

    return RehearsalInstance(create_instance())
