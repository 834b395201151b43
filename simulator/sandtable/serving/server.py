"""The listening side: one WSGI server in a thread, over HTTP or HTTPS, with its sockets within reach of faults."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import select
import socket
import ssl
import struct
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from cheroot import errors as cheroot_errors
from cheroot import server as cheroot_server
from cheroot import ssl as cheroot_ssl
from cheroot import wsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

KEEP_ALIVE_SECONDS = 20
MOST_IDLE_CONNECTIONS = 1000
LONGEST_HEADERS = 256 * 1024
# What is left of a body that nobody read is waited for, so that the client gets to read its answer. After more than the
# smaller amount the connection ends; more than the larger one is not even waited for.
SMALL_REST, LARGEST_REST = 64 * 1024, 64 * 1024 * 1024
PATIENCE_SECONDS = 2
MOST_TRAILERS = 100
# What Linux tells of a client that has left; elsewhere only a connection that is broken is known to be.
HUNG_UP = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR
_ABSOLUTE = re.compile(r"https?://(?:[^/?#@]*@)?([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
# Sent twice, each of these would be two answers to one question; the application must see both to refuse them.
FOLDED = frozenset(
    {"Authorization", "Content-Length", "Origin", "X-Http-Method-Override", "X-Usertoken", "X-Sn-Apikey"}
)

PLAIN_HTTP_REFUSAL = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 40\r\nConnection: close\r\n\r\n"
    b"This port speaks HTTPS; use https URLs.\n"
)

_log = logging.getLogger("sandtable.serving.server")


class ServerError(Exception):
    """The server cannot listen; the text names the address and the fix."""


def url_of(scheme: str, host: str, port: int) -> str:
    """Return the address to give to clients on this machine for a listener on `host`, without a slash at the end."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class SocketConnection:
    """The connection a request came by, as faults may treat it: `environ["sandtable.connection"]`."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def has_left(self) -> bool:
        """Tell whether the client has closed its side, so that nobody waits for an answer."""
        poll = select.poll()
        poll.register(self._request.conn.socket, HUNG_UP)
        return bool(poll.poll(0))

    def abort(self, *, reset: bool = True) -> None:
        """Cut the connection now: with a TCP reset, or with an orderly end of stream. Nothing more is sent."""
        self._request.close_connection = True
        sock: socket.socket = self._request.conn.socket
        with contextlib.suppress(OSError):
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # The server's own close would first shut the socket down in good order, and no reset would be sent.
                os.close(sock.detach())
            else:
                sock.shutdown(socket.SHUT_RDWR)


class _Headers(cheroot_server.HeaderReader):
    """Reads request headers; a second Authorization does not silently replace the first."""

    def __call__(self, rfile: Any, hdict: dict[bytes, bytes] | None = None) -> dict[bytes, bytes]:
        lines = _Remembering(rfile)
        read: dict[bytes, bytes] = super().__call__(lines, hdict)
        for name in FOLDED:
            key = name.encode("ascii")
            if key in read and len(values := lines.values_of(key)) > 1:
                read[key] = b", ".join(values)
        return read


class _Remembering:
    """A stream of header lines that can be asked afterwards for every value of one name."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._lines: list[bytes] = []

    def readline(self, size: int | None = None) -> bytes:
        line: bytes = self._stream.readline(size) if size is not None else self._stream.readline()
        self._lines.append(line)
        return line

    def values_of(self, name: bytes) -> list[bytes]:
        pairs = (line.split(b":", 1) for line in self._lines if b":" in line)
        return [value.strip() for key, value in pairs if key.strip().title() == name]


class _Gateway(wsgi.Gateway_10):
    """Hands a request to the application with its exact target, and keep-alive headers as the product sends them."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        target = environ["REQUEST_URI"]
        absolute = _ABSOLUTE.fullmatch(target)
        if absolute is not None:
            # RFC 9112, 3.2.2: a server takes the whole address as well, whose host then is the one that counts.
            host, rest = absolute.groups()
            target = rest if rest.startswith("/") else f"/{rest}"
            if host:
                environ["HTTP_HOST"] = host
            # The connection is what it is, whatever the address calls it.
            environ["wsgi.url_scheme"] = "http" if self.req.server.ssl_adapter is None else "https"
        if target.startswith("/"):
            path, _, query = target.partition("?")
            environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
            environ["QUERY_STRING"] = query
        environ["RAW_URI"] = target
        environ["sandtable.connection"] = SocketConnection(self.req)
        environ["sandtable.arrived"] = self.req.conn.arrived
        return environ

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        write = super().start_response(status, headers, exc_info)
        if self.req.chunked_read and not self.req.rfile.closed:
            # What is left of a refused body would be taken for the next request.
            self.req.close_connection = True
        if _rest(self.req) > SMALL_REST or status.startswith("413"):
            self.req.close_connection = True
        if not self.req.close_connection and self.req.response_protocol == "HTTP/1.1":
            self.req.outheaders.append((b"Keep-Alive", b"timeout=%d" % KEEP_ALIVE_SECONDS))
            self.req.outheaders.append((b"Connection", b"keep-alive"))
        return write


class _Tls(cheroot_ssl.Adapter):
    """Wraps accepted sockets; the handshake is left to the worker so that a slow client delays only itself."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context

    def bind(self, sock: socket.socket) -> socket.socket:
        return sock

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, str]]:
        try:
            wrapped = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        except OSError as error:
            raise cheroot_errors.FatalSSLAlert(*error.args) from error
        return wrapped, self.get_environ()

    def get_environ(self) -> dict[str, str]:
        return {"wsgi.url_scheme": "https", "HTTPS": "on"}

    def makefile(self, sock: socket.socket, mode: str = "r", bufsize: int = -1) -> Any:
        from cheroot.makefile import StreamReader, StreamWriter

        return (StreamReader if "r" in mode else StreamWriter)(sock, mode, bufsize)


def _rest(request: Any) -> int:
    """Return how many bytes of a body of known length nobody has read."""
    return int(getattr(request.rfile, "remaining", 0))


class _Request(cheroot_server.HTTPRequest):
    header_reader = _Headers()

    def __init__(self, server: Any, conn: Any) -> None:
        # In this mode the whole address is accepted as a target.
        super().__init__(server, conn, proxy_mode=True)

    def read_request_line(self) -> bool:
        if not super().read_request_line():  # type: ignore[no-untyped-call]
            return False
        if self.method == b"CONNECT":
            self.simple_response("405 Method Not Allowed")
            return False
        return True

    def send_headers(self) -> None:
        """Answer before what is left of the body has come; the client may be waiting for the answer to send it."""
        unread, ends = self.rfile, self.close_connection
        self.rfile = None
        super().send_headers()
        self.rfile = unread
        if self.method == b"HEAD" and self.response_protocol == "HTTP/1.1":
            # Without a length the connection would end, and the headers have said that it does not.
            self.close_connection = ends

    def respond(self) -> None:
        super().respond()
        trailers = self.chunked_read and self.rfile.closed and not self.close_connection
        rest = min(_rest(self), LARGEST_REST)
        if not trailers and rest <= 0:
            return
        # A fault may have cut the connection; then there is nothing to wait for.
        with contextlib.suppress(OSError, ValueError):
            patient = self.conn.socket.gettimeout()
            self.conn.socket.settimeout(PATIENCE_SECONDS)
            try:
                if trailers:
                    self._pass_over_trailers()
                else:
                    self._pass_over(rest)
            finally:
                self.conn.socket.settimeout(patient)
            return
        self.close_connection = True

    def _pass_over_trailers(self) -> None:
        for number, _ in enumerate(self.rfile.read_trailer_lines()):
            if number >= MOST_TRAILERS:
                raise ValueError("too many trailers")

    def _pass_over(self, rest: int) -> None:
        while rest > 0:
            data = self.rfile.read(min(rest, SMALL_REST))
            if not data:
                raise OSError("the client has left")
            rest -= len(data)


class _Connection(cheroot_server.HTTPConnection):
    RequestHandlerClass = _Request
    shaken_hands = False
    arrived = 0.0  # when its client last began to speak

    def communicate(self) -> Any:
        if isinstance(self.socket, ssl.SSLSocket) and not self.shaken_hands:
            try:
                self.socket.do_handshake()
            except OSError as error:
                self._say_why(self.socket, error)
                return False
            self.shaken_hands = True
        return super().communicate()  # type: ignore[no-untyped-call]

    def _say_why(self, sock: ssl.SSLSocket, error: OSError) -> None:
        """Log a failed handshake in one line, and answer plain HTTP in plain HTTP."""
        reason = getattr(error, "reason", None) or error.strerror or str(error)
        if reason == "HTTP_REQUEST":
            _log.warning("a client spoke plain HTTP to the HTTPS port")
            with contextlib.suppress(OSError):
                # Past the TLS layer, which has given up on this connection.
                socket.socket.sendall(sock, PLAIN_HTTP_REFUSAL)
            return
        hint = "; does the client trust the CA?" if "UNKNOWN_CA" in reason or "CERTIFICATE" in reason else ""
        _log.warning("no TLS handshake with a client: %s%s", reason, hint)

    def close(self) -> None:
        try:
            super().close()
        except OSError as error:
            # A connection that a fault has cut has no descriptor left to close.
            if error.errno != errno.EBADF:
                raise
        finally:
            self._forget_unsent()

    def _forget_unsent(self) -> None:
        """Let go of what could not be sent: a stream that still has it tries again when it is collected, in vain."""
        for stream in (self.wfile, self.rfile):
            getattr(stream, "_write_buf", bytearray()).clear()
            with contextlib.suppress(OSError, ValueError):
                stream.close()


class _Listener(wsgi.Server):
    ConnectionClass = _Connection
    keep_alive_conn_limit = MOST_IDLE_CONNECTIONS
    max_request_header_size = LONGEST_HEADERS

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: Any) -> socket.socket:
        try:
            socket_.bind(bind_addr)
        except OSError:
            socket_.close()
            raise
        return socket_

    def process_conn(self, conn: Any) -> None:
        """Give a connection to a worker, a new one only when its client begins to speak: many connect ahead of need."""
        conn.arrived = time.monotonic()
        if conn.last_used is None:
            self._connections.put(conn)  # type: ignore[attr-defined]
        else:
            super().process_conn(conn)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        _log.log(level, "%s", msg, exc_info=traceback)


class Server:
    """A WSGI application answering on a socket, from a thread of this process.

    `port` 0 takes a free one. `tls` is the context to serve HTTPS with. Raises ServerError when the address is taken.
    """

    def __init__(
        self,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        *,
        threads: int = 16,
    ) -> None:
        self.host = host
        self.tls = tls
        self._listener = _Listener(
            (host, port), app, numthreads=threads, server_name="ServiceNow", request_queue_size=128
        )
        self._listener.gateway = _Gateway
        self._listener.timeout = KEEP_ALIVE_SECONDS
        self._listener.shutdown_timeout = 5
        if tls is not None:
            self._listener.ssl_adapter = _Tls(tls)
        self._thread: threading.Thread | None = None

    def start(self) -> Server:
        """Begin to listen, and return once requests are accepted."""
        try:
            self._listener.prepare()
        except OSError as error:
            reason = error.strerror or str(error)
            raise ServerError(
                f"cannot listen on {self.host} port {self._listener.bind_addr[1]}: {reason}; "
                "choose another with --host or --port (port 0 takes a free one)"
            ) from None
        self._thread = threading.Thread(target=self._listener.serve, name="sandtable-server", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, let the requests that are being answered finish, and end the threads."""
        if self._thread is None:
            return
        self._listener.stop()
        self._thread.join()
        self._thread = None

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._listener.bind_addr[1])

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
