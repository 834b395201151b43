"""The listening side: one WSGI server in threads of this process, over HTTP or HTTPS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from sandtable.serving.http.loop import Loop

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BACKLOG = 1024


class ServerError(Exception):
    """The server cannot listen; the text names the address and the fix."""


def url_of(scheme: str, host: str, port: int) -> str:
    """Return the address to give to clients on this machine for a listener on `host`, without a slash at the end."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class Server:
    """A WSGI application answering on a socket, from threads of this process.

    `port` 0 takes a free one. `tls` is the context to serve HTTPS with, or gives that of the next connection.
    `threads` is how many requests are answered at
    the same time. Raises ServerError when the address is taken.
    """

    def __init__(
        self,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | Callable[[], ssl.SSLContext] | None = None,
        *,
        threads: int = 16,
    ) -> None:
        self.host = host
        self.tls = (lambda: tls) if isinstance(tls, ssl.SSLContext) else tls
        self._app = app
        self._port = port
        self._threads = threads
        self._loop: Loop | None = None

    def start(self) -> Server:
        """Begin to listen, and return once requests are accepted."""
        try:
            listener = self._bound()
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ServerError(
                f"cannot listen on {self.host} port {self._port}: {reason}; "
                "choose another with --host or --port (port 0 takes a free one)"
            ) from None
        self._port = int(listener.getsockname()[1])
        self._loop = Loop(listener, self._app, self.tls, self._threads)
        self._loop.start()
        return self

    def _bound(self) -> socket.socket:
        found = socket.getaddrinfo(self.host or None, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return socket.create_server(
            address[:2],
            family=family,
            backlog=BACKLOG,
            dualstack_ipv6=family == socket.AF_INET6 and self.host == "::" and socket.has_dualstack_ipv6(),
        )

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
