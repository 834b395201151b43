"""The loop that polls the sockets, and who runs it.

One thread leads: it polls, reads heads and small bodies without ever waiting for one client, and answers quick
requests itself, since handing one to another thread costs more than answering it, and threads that all compute only
stand in each other's way. A request that takes longer than a moment (a planned delay, a large question) keeps its
thread, and another takes over the lead. At most `threads` requests are answered at the same time; those whose body is
still to come wait in threads that do not count: a refusal need not wait for the body, a slow client holds up nobody.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sandtable.serving.http.connection import (
    ANSWERED,
    GRACED,
    HEAD_SECONDS,
    IDLE_SECONDS,
    LEAVING,
    READING,
    Connection,
)
from sandtable.serving.http.connections import READ, WRITE, Connections
from sandtable.serving.http.crew import Crew, is_computing
from sandtable.serving.http.exchange import Exchange
from sandtable.serving.http.head import BadRequestHead, common_environ, parse_head
from sandtable.serving.workers.post import Post, PostError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MOMENT = 0.005  # seconds that a request may take before another thread leads
BUSY_MOMENTS = 5  # that the leader may compute: two threads that compute stand in each other's way
QUIET_MOMENTS = 100  # after which nobody watches the leader until it is at work again
GRACE = 0.02  # seconds that the loop waits for a body before a thread does
SWEEP_SECONDS = 1.0
STOP_SECONDS = 5.0
MOST_WAITING = 1_000  # bodies that threads wait for
SMALL_BODY = 256 * 1024  # that the loop takes in
LONGEST_HEAD = 256 * 1024
END_OF_HEAD = b"\r\n\r\n"
TLS_HELLO = b"\x16\x03"

_log = logging.getLogger("sandtable.serving.server")


@dataclass(frozen=True, slots=True)
class Load:
    """What a server is busy with: requests being answered, of so many threads; bodies awaited; open connections."""

    threads: int
    busy: int
    waiting: int
    connections: int


class Loop:
    """Answers the connections of one listening socket with a WSGI application until it is stopped."""

    def __init__(
        self,
        listener: socket.socket,
        application: WSGIApplication,
        tls: Callable[[], ssl.SSLContext] | None,
        threads: int,
        post: Post | None = None,
    ) -> None:
        self._application = application
        self._post = post
        self._threads = threads
        self._template = common_environ(listener.getsockname()[1], "http" if tls is None else "https")
        self._open = Connections(listener, tls, post)
        self._crew = Crew("sandtable-server")
        self._ready: deque[Connection] = deque()  # with a request to be answered
        self._back: deque[tuple[Connection, bool]] = deque()  # whose request was answered by somebody else
        self._graced: deque[tuple[float, Connection]] = deque()
        self._lock = threading.Lock()
        self._busy = 0  # requests that are being answered
        self._waiting = 0  # bodies that threads wait for
        self._lead = 0  # how often the lead has changed; who leads knows the number
        self._turn = 0  # odd while the leader answers a request
        self._answering: Connection | None = None  # the leader, now
        self._leader = 0  # the system's number of the thread that leads
        self._watched = False
        self._alarm = threading.Event()
        self._stop_by: float | None = None
        self._ended = threading.Event()
        self._swept = time.monotonic()

    def start(self) -> None:
        """Begin to answer."""
        self._open.listen()
        threading.Thread(target=self._watch, name="sandtable-server-watch", daemon=True).start()
        self._crew.run(partial(self._run, 0))

    def load(self) -> Load:
        """Return what the server is busy with."""
        return Load(self._threads, self._busy, self._waiting, len(list(self._open)))

    def stop(self) -> None:
        """Listen no longer, let the requests that are being answered finish for a while, and end."""
        self._stop_by = time.monotonic() + STOP_SECONDS
        self._open.wake()
        self._ended.wait(STOP_SECONDS + 1)

    # who leads ---------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Let somebody else lead when the leader is held up by one request."""
        seen, quiet, held_up = 0, 0, 0
        while not self._ended.is_set():
            turn = self._turn
            held_up = held_up + 1 if turn & 1 and turn == seen else 0
            if held_up and (held_up >= BUSY_MOMENTS or not is_computing(self._leader)):
                self._depose(turn)
                held_up = 0
            quiet = quiet + 1 if turn == seen else 0
            seen = turn
            if quiet > QUIET_MOMENTS and not turn & 1:
                self._alarm.clear()
                self._watched = False
                self._alarm.wait(SWEEP_SECONDS)
                quiet = 0
            time.sleep(MOMENT)

    def _depose(self, turn: int) -> None:
        with self._lock:
            if self._turn != turn:
                return
            self._lead += 1
            self._turn += 1
            lead, connection = self._lead, self._answering
            self._answering = None
            if connection is not None:
                self._open.forget(connection)
        self._crew.run(partial(self._run, lead))

    def _run(self, lead: int) -> None:
        """Lead, until all is over or somebody else does."""
        if self._lead == lead:
            self._leader = threading.get_native_id()
        while self._lead == lead:
            try:
                self._take_back()
                if self._stop_by is not None and self._is_over(self._stop_by):
                    return
                self._answer_ready(lead)
                if self._lead == lead:
                    self._poll()
            except Exception:
                _log.exception("the loop of the server failed")

    def _is_over(self, stop_by: float) -> bool:
        self._open.stop_listening()
        at_work = self._busy or self._waiting or self._ready or any(each.unsent for each in self._open)
        if at_work and time.monotonic() < stop_by:
            return False
        self._ended.set()
        self._open.close()
        return True

    # reading requests --------------------------------------------------------------------------------------------

    def _poll(self) -> None:
        now = time.monotonic()
        timeout = SWEEP_SECONDS
        if self._ready and self._busy < self._threads:
            timeout = 0.0
        elif self._graced:
            timeout = max(0.0, min(timeout, self._graced[0][0] - now))
        for connection in self._open.poll(timeout):
            self._on_event(connection)
        if self._graced:
            self._end_grace(time.monotonic())
        if now - self._swept >= SWEEP_SECONDS:
            self._swept = now
            self._open.sweep(now)

    def _on_event(self, connection: Connection) -> None:
        if connection.is_handed:
            connection.is_handed = False
            self._read(connection)
            return
        if connection.state is ANSWERED:
            # It has to wait for its turn; what else comes is looked at afterwards.
            self._open.forget(connection)
            return
        try:
            if not connection.shaken_hands and not self._open.shake_hands(connection):
                return
            if connection.unsent is not None:
                connection.unsent = connection.send_some(connection.unsent)
                if connection.unsent is None:
                    self._go_on(connection)
                return
            there = connection.receive()
        except (OSError, ValueError):
            self._open.drop(connection)
            return
        if connection.state is LEAVING:
            connection.buffer.clear()
        if there:
            if connection.state is not LEAVING:
                self._read(connection)
        elif connection.state is GRACED:
            # The client sends no more; a request whose body it did not send whole is answered all the same.
            self._answer_apart(connection)
        else:
            self._open.drop(connection)

    def _read(self, connection: Connection) -> None:
        """Look for a request in what has come, and have it answered once it is there."""
        head = connection.head
        if head is None:
            if not self._read_head(connection):
                return
            head = connection.head
            assert head is not None
        length = head.length or 0
        if head.chunked:
            # If it only seems whole, the thread that answers it waits, and another leads.
            whole = connection.buffer.endswith(b"0\r\n\r\n")
        else:
            whole = len(connection.buffer) >= length
        if whole:
            connection.state = ANSWERED
            self._ready.append(connection)
        elif head.chunked or head.expects or length > SMALL_BODY:
            self._answer_apart(connection)
        elif connection.state is not GRACED:
            connection.state = GRACED
            connection.grace = time.monotonic() + GRACE
            self._graced.append((connection.grace, connection))

    def _read_head(self, connection: Connection) -> bool:
        buffer = connection.buffer
        if not connection.searched:
            while buffer[:2] == b"\r\n":
                del buffer[:2]
        end = buffer.find(END_OF_HEAD, max(0, connection.searched - 3))
        if end > LONGEST_HEAD or (end < 0 and len(buffer) > LONGEST_HEAD):
            self._open.refuse(connection, 431, "The head of the request is too long")
            return False
        if end < 0:
            if not connection.searched and buffer:
                connection.deadline = time.monotonic() + HEAD_SECONDS
            connection.searched = len(buffer)
            if buffer.startswith(TLS_HELLO):  # it would wait for our half of a handshake until it gives up
                self._open.refuse(connection, 400, "This port speaks HTTP, not HTTPS")
            elif b"\n\n" in buffer or b"\n\r\n" in buffer:
                self._open.refuse(connection, 400, "Lines end with CRLF")
            return False
        environ = self._template.copy()
        environ["sandtable.arrived"] = time.monotonic()
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = connection.host, connection.port
        try:
            head = parse_head(bytes(buffer[:end]), environ)
        except BadRequestHead as error:
            self._open.refuse(connection, error.status, error.text)
            return False
        if self._post is not None:
            place = self._post.place_of(environ)
            if place is not None:
                self._hand_over(self._post, connection, place)
                return False
        connection.head = head
        del buffer[: end + 4]
        connection.searched = 0
        connection.deadline = 0.0
        return True

    def _hand_over(self, post: Post, connection: Connection, place: int) -> None:
        """Give a connection to the process that answers it."""
        self._open.forget(connection)
        address, data = (connection.host, connection.port), bytes(connection.buffer)
        try:
            if post.hand_over(place, connection.sock, address, data, wait=False):
                self._open.drop(connection)
                return
        except PostError as error:
            self._open.refuse(connection, 503, str(error))
            return

        def wait_and_hand_over() -> None:
            with contextlib.suppress(PostError):
                post.hand_over(place, connection.sock, address, data, wait=True)
            connection.cut = True  # here; nothing is sent to its client any more
            self._give_back(connection, keeps=False)

        connection.state = ANSWERED
        self._crew.run(wait_and_hand_over)

    def _end_grace(self, now: float) -> None:
        while self._graced and self._graced[0][0] <= now:
            until, connection = self._graced.popleft()
            if connection.state is GRACED and connection.grace == until and connection in self._open:
                self._answer_apart(connection)

    # answering ---------------------------------------------------------------------------------------------------

    def _answer_ready(self, lead: int) -> None:
        while self._ready:
            with self._lock:
                if self._busy >= self._threads or self._lead != lead:
                    return
                self._busy += 1
                connection = self._ready.popleft()
                self._answering = connection
                self._turn += 1
            if not self._watched:
                self._watched = True
                self._alarm.set()
            keeps = self._answer(connection)
            with self._lock:
                self._busy -= 1
                leads = self._lead == lead
                if leads:
                    self._turn += 1
                    self._answering = None
            if not leads:
                self._give_back(connection, keeps=keeps)
                return
            self._after(connection, keeps=keeps)

    def _answer(self, connection: Connection) -> bool:
        """Answer the request of a connection; tell whether it is kept."""
        assert connection.head is not None
        exchange = Exchange(connection, connection.head)
        exchange.run(self._application)
        return exchange.keeps

    def _answer_apart(self, connection: Connection) -> None:
        """Have a request answered by a thread of its own, which waits for the body."""
        connection.state = ANSWERED
        self._open.forget(connection)
        with self._lock:
            full = self._waiting >= MOST_WAITING
            if not full:
                self._waiting += 1
        if full:
            self._open.refuse(connection, 503, "Too many requests wait for their bodies")
        else:
            self._crew.run(partial(self._wait_and_answer, connection))

    def _wait_and_answer(self, connection: Connection) -> None:
        keeps = False
        try:
            keeps = self._answer(connection)
        finally:
            with self._lock:
                self._waiting -= 1
            self._give_back(connection, keeps=keeps)

    def _give_back(self, connection: Connection, *, keeps: bool) -> None:
        self._back.append((connection, keeps))
        self._open.wake()

    def _take_back(self) -> None:
        while self._back:
            connection, keeps = self._back.popleft()
            self._after(connection, keeps=keeps)

    def _after(self, connection: Connection, *, keeps: bool) -> None:
        """Go on with a connection whose request was answered."""
        connection.head = None
        connection.state = READING
        connection.ends = not keeps
        if connection.cut or connection not in self._open:
            self._open.drop(connection)
        elif connection.unsent is not None:
            connection.deadline = time.monotonic() + IDLE_SECONDS
            self._open.await_events(connection, WRITE)
        else:
            self._go_on(connection)

    def _go_on(self, connection: Connection) -> None:
        """Wait for the next request, which may have come already; or end."""
        if connection.ends:
            self._open.part(connection)
            return
        if self._stop_by is not None:
            self._open.drop(connection)
            return
        connection.deadline = time.monotonic() + IDLE_SECONDS
        self._open.await_events(connection, READ)
        if connection.is_tls and connection.sock.pending():  # type: ignore[attr-defined]
            self._on_event(connection)
        elif connection.buffer:
            self._read(connection)
