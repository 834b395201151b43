"""The listening side: one WSGI server in threads of this process, over HTTP or HTTPS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from sandtable.serving.http.loop import Load, Loop
from sandtable.serving.workers.post import Post
from sandtable.settings.unanswered import bare_reason

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BACKLOG = 1024


class ServerError(Exception):
    """The server cannot listen; the text names the address and the fix."""


def url_of(scheme: str, host: str, port: int) -> str:
    """Return the address to give to clients on this machine for a listener on `host`, without a slash at the end."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises ServerError, which says what to do, when that cannot be."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return socket.create_server(
            address[:2],
            family=family,
            backlog=BACKLOG,
            dualstack_ipv6=family == socket.AF_INET6 and host == "::" and socket.has_dualstack_ipv6(),
        )
    except (OSError, OverflowError) as error:
        reason = bare_reason(error) if isinstance(error, OSError) else str(error)
        raise ServerError(
            f"cannot listen on {host} port {port}: {reason}; "
            "choose another with --host or --port (port 0 takes a free one)"
        ) from None


class Server:
    """A WSGI application answering on a socket, from threads of this process.

    `port` 0 takes a free one. `tls` is the context to serve HTTPS with, or gives that of the next connection.
    `threads` is how many requests are answered at the same time. One process of several is given the `listener` that
    all of them accept on, and the `post` between them. Raises ServerError when the address is taken.
    """

    def __init__(
        self,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | Callable[[], ssl.SSLContext] | None = None,
        *,
        threads: int = 16,
        listener: socket.socket | None = None,
        post: Post | None = None,
    ) -> None:
        self.host = host
        self.tls = (lambda: tls) if isinstance(tls, ssl.SSLContext) else tls
        self._app = app
        self._port = port
        self._threads = threads
        self._listener = listener
        self._post = post
        self._loop: Loop | None = None

    def start(self) -> Server:
        """Begin to listen, and return once requests are accepted."""
        listener = self._listener or bound(self.host, self._port)
        self._port = int(listener.getsockname()[1])
        self._loop = Loop(listener, self._app, self.tls, self._threads, self._post)
        self._loop.start()
        return self

    def load(self) -> Load:
        """Return what the server is busy with."""
        return self._loop.load() if self._loop is not None else Load(self._threads, 0, 0, 0)

    def stop(self) -> None:
        """Stop listening, let the requests that are being answered finish, and end the threads."""
        if self._loop is None:
            return
        self._loop.stop()
        self._loop = None

    @property
    def port(self) -> int:
        """The port in use."""
        return self._port

    @property
    def url(self) -> str:
        """The address to give to a client on this machine, without a slash at the end."""
        return url_of("https" if self.tls is not None else "http", self.host, self.port)

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
