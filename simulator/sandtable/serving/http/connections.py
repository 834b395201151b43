"""The open connections of one listening socket, and the polling of them."""

from __future__ import annotations

import contextlib
import errno
import logging
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterator

from sandtable.serving.http.connection import ANSWERED, LEAVING, Connection
from sandtable.serving.http.head import refusal
from sandtable.serving.workers.post import Post

MOST_CONNECTIONS = 4_000
ACCEPTED_AT_ONCE = 64
LEAVING_SECONDS = 1.0  # that a client has to read why it was refused
PAUSE = 0.005  # after the process has run out of files
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

_log = logging.getLogger("sandtable.serving.server")


class Connections:
    """Accepts connections, and says which of them have something to read or may be written to.

    Used by one thread at a time, but for `wake`, which ends the waiting of `poll`.
    """

    def __init__(
        self, listener: socket.socket, tls: Callable[[], ssl.SSLContext] | None, post: Post | None = None
    ) -> None:
        self._listener = listener
        self._tls = tls
        self._post = post
        self._most = _most_connections()
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._open: set[Connection] = set()

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._open))

    def __contains__(self, connection: object) -> bool:
        return connection in self._open

    def listen(self) -> None:
        """Begin to accept."""
        self._listener.setblocking(False)
        self._selector.register(self._listener, READ)
        self._selector.register(self._woken, READ)
        if self._post is not None:
            self._selector.register(self._post.sock, READ)

    def wake(self) -> None:
        """Let `poll` return at once; from any thread."""
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def poll(self, timeout: float) -> Iterator[Connection]:
        """Yield the connections that something happens on, new ones accepted on the way."""
        for key, _ in self._selector.select(timeout):
            if key.data is not None:
                yield key.data
            elif key.fileobj is self._listener:
                self._accept()
            elif self._post is not None and key.fileobj is self._post.sock:
                yield from self._take_in(self._post)
            else:
                with contextlib.suppress(OSError):
                    self._woken.recv(4096)

    def _accept(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                sock, address = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    _log.warning("no connection can be accepted: %s", error.strerror)
                    time.sleep(PAUSE)
                return
            sock.setblocking(False)
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if len(self._open) >= self._most:
                self._turn_away(sock)
                continue
            if self._tls is not None:
                try:
                    sock = self._tls().wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
                except OSError as error:
                    _log.warning("no TLS with a client: %s", error)
                    sock.close()
                    continue
            connection = Connection(sock, address, is_tls=self._tls is not None)
            self._open.add(connection)
            self.await_events(connection, READ)

    def _take_in(self, post: Post) -> Iterator[Connection]:
        """Yield the connections that another process has handed over, which have sent something already."""
        for letter in post.arrived():
            letter.sock.setblocking(False)
            if len(self._open) >= self._most:
                self._turn_away(letter.sock)
                continue
            connection = Connection(letter.sock, letter.address, is_tls=False)
            connection.buffer += letter.data
            connection.is_handed = True
            self._open.add(connection)
            self.await_events(connection, READ)
            yield connection

    def _turn_away(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._tls is None:
                sock.send(refusal(503, "There are too many connections"))
            sock.close()

    def await_events(self, connection: Connection, events: int) -> None:
        """Poll a connection for these events from now on."""
        if connection.polled == events:
            return
        if connection.polled:
            self._selector.modify(connection.sock, events, connection)
        else:
            self._selector.register(connection.sock, events, connection)
        connection.polled = events

    def forget(self, connection: Connection) -> None:
        """Poll a connection no longer."""
        if connection.polled:
            connection.polled = 0
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(connection.sock)

    def drop(self, connection: Connection) -> None:
        """End a connection at once."""
        self.forget(connection)
        self._open.discard(connection)
        connection.close()

    def refuse(self, connection: Connection, status: int, text: str) -> None:
        """Answer what is no request, and end the connection."""
        with contextlib.suppress(OSError):
            connection.send_some(memoryview(refusal(status, text)))
        self.part(connection)

    def part(self, connection: Connection) -> None:
        """End a connection once its client has had time to read: closing with unread data takes the answer from it."""
        connection.state = LEAVING
        connection.head = None
        connection.buffer.clear()
        connection.deadline = time.monotonic() + LEAVING_SECONDS
        try:
            if not connection.is_tls:
                connection.sock.shutdown(socket.SHUT_WR)
            self.await_events(connection, READ)
        except (OSError, ValueError):
            self.drop(connection)

    def shake_hands(self, connection: Connection) -> bool:
        """Go on with the TLS handshake; tell whether it is done."""
        sock = connection.sock
        assert isinstance(sock, ssl.SSLSocket)
        try:
            sock.do_handshake()
        except ssl.SSLWantReadError:
            self.await_events(connection, READ)
            return False
        except ssl.SSLWantWriteError:
            self.await_events(connection, WRITE)
            return False
        except OSError as error:
            self._give_up_tls(connection, answer=_say_why(error))
            return False
        connection.shaken_hands = True
        self.await_events(connection, READ)
        return True

    def _give_up_tls(self, connection: Connection, *, answer: bool) -> None:
        """End a connection past its TLS layer, in good order; plain HTTP gets an `answer` in plain HTTP."""
        self.forget(connection)
        try:
            connection.sock = socket.socket(fileno=connection.sock.detach())
            connection.sock.setblocking(False)
        except OSError:
            self.drop(connection)
            return
        connection.is_tls, connection.shaken_hands = False, True
        if answer:
            self.refuse(connection, 400, "This port speaks HTTPS; use https URLs.")
        else:
            self.part(connection)

    def sweep(self, now: float) -> None:
        """End connections whose time is over; the sender of half a head is told so."""
        for connection in self:
            if not connection.polled or not 0 < connection.deadline < now:
                continue
            if connection.searched and connection.unsent is None and connection.state != LEAVING:
                self.refuse(connection, 408, "The head of the request came too slowly")
            else:
                self.drop(connection)

    def stop_listening(self) -> None:
        """Accept no more, and end the connections that have nothing to be answered."""
        if self._listener.fileno() < 0:
            return
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._listener)
        self._listener.close()
        for connection in self:
            if connection.polled and connection.state != ANSWERED and connection.unsent is None:
                self.drop(connection)

    def close(self) -> None:
        """End everything."""
        for connection in self:
            self.drop(connection)
        self._selector.close()
        self._waker.close()
        self._woken.close()


def _most_connections() -> int:
    """Return how many connections may be open: fewer than the process may have files."""
    try:
        import resource
    except ImportError:  # where there is no such limit
        return MOST_CONNECTIONS
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(64, min(MOST_CONNECTIONS, soft - 128))


def _say_why(error: OSError) -> bool:
    """Log a failed handshake in one line; tell whether the client spoke plain HTTP."""
    reason = getattr(error, "reason", None) or error.strerror or str(error)
    if reason == "HTTP_REQUEST":
        _log.warning("a client spoke plain HTTP to the HTTPS port")
        return True
    hint = "; does the client trust the CA?" if "UNKNOWN_CA" in reason or "CERTIFICATE" in reason else ""
    _log.warning("no TLS handshake with a client: %s%s", reason, hint)
    return False
