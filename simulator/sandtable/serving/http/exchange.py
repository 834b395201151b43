"""One request and its answer: the application is called, and what it returns is sent."""

from __future__ import annotations

import contextlib
import email.utils
import io
import logging
import select
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sandtable.serving.http.bodies import Body, ChunkedBody, KnownBody
from sandtable.serving.http.connection import IDLE_SECONDS, Connection
from sandtable.serving.http.head import Head, refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# What is left of a body that nobody read is waited for, so that the client gets to read its answer. After more than the
# smaller amount the connection ends; more than the larger one is not even waited for.
SMALL_REST, LARGEST_REST = 64 * 1024, 64 * 1024 * 1024
# What Linux tells of a client that has left; elsewhere only a connection that is broken is known to be.
HUNG_UP = getattr(select, "POLLRDHUP", 0) | getattr(select, "POLLHUP", 0) | getattr(select, "POLLERR", 0)
# Where Linux's TCP_INFO has the milliseconds since data came in: behind eight octets and eleven numbers of four.
LAST_HEARD = 8 + 11 * 4
# Linux counts them in ticks, of which the longest it is built with is this: so much of what it tells may be too much.
TICK_SECONDS = 0.01
BODYLESS = frozenset({"204", "205", "304"})

_log = logging.getLogger("sandtable.serving.server")


class SocketConnection:
    """The connection a request came by, as faults may treat it: `environ["sandtable.connection"]`."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def has_left(self) -> bool:
        """Tell whether the client has closed its side, so that nobody waits for an answer."""
        poll = select.poll()
        poll.register(self._exchange.connection.sock, HUNG_UP)
        return bool(poll.poll(0))

    def heard_at(self) -> float:
        """Return when the last of what the client sent came in, by the monotonic clock, or a tick later than that.

        Now where nobody knows. Never earlier: what came in just after an instance went back belongs to what it is then.
        """
        try:
            told = self._exchange.connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_HEARD + 4)
        except (AttributeError, OSError):
            return time.monotonic()
        return time.monotonic() - max(0.0, int.from_bytes(told[LAST_HEARD:], sys.byteorder) / 1000 - TICK_SECONDS)

    def peer_certificate(self) -> bytes | None:
        """Return the certificate (DER) that the client has shown and the handshake found trusted, if there is one."""
        connection = self._exchange.connection
        return connection.sock.getpeercert(binary_form=True) if isinstance(connection.sock, ssl.SSLSocket) else None

    def abort(self, *, reset: bool = True) -> None:
        """Cut the connection now: with a TCP reset, or with an orderly end of stream. Nothing more is sent."""
        self._exchange.abort(reset=reset)


class Exchange:
    """One request that is being answered.

    `run` leaves the connection ready for the next one, or `keeps` false. The answer of a small body goes out with its
    head in one piece; what the client does not take at once stays in `connection.unsent`.
    """

    __slots__ = (
        "_chunked",
        "_declared",
        "_head",
        "_held",
        "_sent",
        "_started",
        "body",
        "connection",
        "keeps",
    )

    def __init__(self, connection: Connection, head: Head) -> None:
        self.connection = connection
        self._head = head
        self.keeps = head.keeps
        self.body: Body | None = None
        self._started: tuple[str, list[tuple[str, str]]] | None = None
        self._held: list[bytes] | None = []  # the head, until there is something to send it with
        self._sent = 0
        self._declared: int | None = None
        self._chunked = False

    def run(self, application: WSGIApplication) -> None:
        """Call the application and send its answer. Raises nothing; a connection that broke is not kept."""
        head = self._head
        environ = head.environ
        environ["wsgi.input"] = self._input()
        environ["sandtable.connection"] = SocketConnection(self)
        try:
            chunks = application(environ, self._start_response)
            if type(chunks) is list:
                self._send_whole(b"".join(chunks))
            else:
                self._send_by_and_by(chunks)
            if not self.connection.cut:
                self._pass_over_rest()
        except (OSError, EOFError) as error:
            # The client has gone, or is cut off; there is nobody to tell.
            _log.debug("a connection broke: %s", error)
            self.keeps = False
        except Exception:
            _log.exception("the application failed")
            self._fail()
        if self.connection.cut:
            self.keeps = False

    def _input(self) -> Any:
        connection, head = self.connection, self._head
        length = head.length
        if head.chunked:
            self.body = ChunkedBody(connection, expects=head.expects)
            return self.body
        if not length:
            return io.BytesIO()
        if len(connection.buffer) >= length:
            whole = bytes(connection.buffer[:length])
            del connection.buffer[:length]
            return io.BytesIO(whole)
        self.body = KnownBody(connection, length, expects=head.expects)
        return self.body

    # the answer --------------------------------------------------------------------------------------------------

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        if exc_info and self._held is None:
            raise exc_info[1]
        self._started = (status, headers)
        return self._write

    def _write(self, data: bytes) -> None:
        if self._held is not None:
            data = self._head_bytes() + self._framed(data)
            self._held = None
        else:
            data = self._framed(data)
        self.connection.send(data)

    def _head_bytes(self) -> bytes:
        """Return status line and headers, and settle how the body is framed and whether the connection stays."""
        if self._started is None:
            raise RuntimeError("the application sent a body before it began its answer")
        status, headers = self._started
        head, body = self._head, self.body
        if status.startswith("413") or (body is not None and not _can_be_passed(body)):
            self.keeps = False
        lines = [f"HTTP/1.1 {status}"]
        names = set()
        for name, value in headers:
            lines.append(f"{name}: {value}")
            names.add(name.lower())
        if "content-length" in names:
            self._declared = int(next(value for name, value in headers if name.lower() == "content-length"))
        if self.keeps and head.is_1_1:
            lines.append(f"Keep-Alive: timeout={IDLE_SECONDS}")
            lines.append("Connection: keep-alive")
        if self._declared is None and status[:3] not in BODYLESS and head.method != "HEAD":
            if head.is_1_1:
                self._chunked = True
                lines.append("Transfer-Encoding: chunked")
            else:
                self.keeps = False
        if not self.keeps and head.is_1_1:
            lines.append("Connection: close")
        elif not head.is_1_1 and self.keeps:
            lines.append("Connection: Keep-Alive")
        if "date" not in names:
            lines.append(f"Date: {email.utils.formatdate(usegmt=True)}")
        if "server" not in names:
            lines.append("Server: ServiceNow")
        text = "\r\n".join(lines)
        # A header whose value holds the end of a line would be two.
        if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
            raise ValueError("a header of the answer holds the end of a line")
        return f"{text}\r\n\r\n".encode("latin-1")

    def _framed(self, data: bytes) -> bytes:
        if self._head.method == "HEAD":
            return b""
        self._sent += len(data)
        if self._declared is not None and self._sent > self._declared:
            raise ValueError("the body of the answer is longer than its Content-Length")
        if self._chunked and data:
            return b"%x\r\n%b\r\n" % (len(data), data)
        return data

    def _end(self) -> bytes:
        if self._declared is not None and self._sent < self._declared and self._head.method != "HEAD":
            self.keeps = False
        return b"0\r\n\r\n" if self._chunked else b""

    def _send_whole(self, data: bytes) -> None:
        if self._timed_out() or self.connection.cut:
            return
        if self._held is None:
            self.connection.send(self._framed(data) + self._end())
            return
        whole = self._head_bytes() + self._framed(data) + self._end()
        self._held = None
        self.connection.unsent = self.connection.send_some(memoryview(whole))

    def _send_by_and_by(self, chunks: Iterable[bytes]) -> None:
        try:
            for chunk in chunks:
                if self.connection.cut:
                    return
                if self._timed_out():
                    return
                if chunk:
                    self._write(chunk)
            if self.connection.cut or self._timed_out():
                return
            if self._held is not None:
                self._send_whole(b"")
            else:
                end = self._end()
                if end:
                    self.connection.send(end)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()

    def _timed_out(self) -> bool:
        """Answer 408 for the application, whose words about a body that came too slowly are of no use."""
        if self.body is None or not self.body.timed_out or self._held is None:
            return False
        self._held = None
        self.keeps = False
        self.connection.send(refusal(408, "The body of the request came too slowly"))
        return True

    def _fail(self) -> None:
        self.keeps = False
        if self._held is not None and not self.connection.cut:
            self._held = None
            with contextlib.suppress(OSError):
                self.connection.send(refusal(500, "Internal Server Error"))

    def _pass_over_rest(self) -> None:
        """Take what is left of the body: it must not become the next request, and the client must read its answer."""
        body = self.body
        if isinstance(body, KnownBody):
            if body.rest and not body.timed_out:
                self._send_unsent()
                body.pass_over(LARGEST_REST)
            if body.rest:
                self.keeps = False
        elif isinstance(body, ChunkedBody) and not body.ended:
            self.keeps = False

    def _send_unsent(self) -> None:
        rest = self.connection.unsent
        if rest is not None:
            self.connection.unsent = None
            self.connection.send(bytes(rest))

    def abort(self, *, reset: bool) -> None:
        """Cut the connection; what was answered so far is on its way."""
        self.keeps = False
        if not reset:
            with contextlib.suppress(OSError):
                self._send_unsent()
        self.connection.abort(reset=reset)


def _can_be_passed(body: Body) -> bool:
    """Tell whether what is left of a body can be read and forgotten, so that the connection goes on."""
    if isinstance(body, ChunkedBody):
        return body.ended
    return body.rest <= SMALL_REST
