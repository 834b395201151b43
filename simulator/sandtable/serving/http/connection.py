"""One connection of a client: what has come, what is still to be sent, and by when something has to happen."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandtable.serving.http.head import Head

IDLE_SECONDS = 20  # that a kept connection may say nothing
HEAD_SECONDS = 10  # that a whole head may take
SEND_SECONDS = 20  # that a client may read nothing of an answer that is sent piece by piece
PIECE = 64 * 1024
# What a connection is about: its next request, the body of one that the loop takes in, one that is to be answered or
# being answered, or its end, before which what comes is read and forgotten.
READING, GRACED, ANSWERED, LEAVING = "reading", "graced", "answered", "leaving"
HARD_RESET = struct.pack("ii", 1, 0)


class Connection:
    """A connection, and what is known of the request that comes over it."""

    __slots__ = (
        "buffer",
        "cut",
        "deadline",
        "ends",
        "grace",
        "head",
        "host",
        "is_handed",
        "is_tls",
        "polled",
        "port",
        "searched",
        "shaken_hands",
        "sock",
        "state",
        "unsent",
    )

    def __init__(self, sock: socket.socket, address: Any, *, is_tls: bool) -> None:
        self.sock = sock
        self.host, self.port = str(address[0]), str(address[1])
        self.is_tls = is_tls
        self.shaken_hands = not is_tls
        self.buffer = bytearray()  # what has come and belongs to no request that was answered
        self.searched = 0  # so much of it has no end of a head
        self.head: Head | None = None
        self.unsent: memoryview | None = None
        self.deadline = time.monotonic() + IDLE_SECONDS
        self.polled = 0  # the events that the loop waits for
        self.state = READING
        self.grace = 0.0  # until when the loop waits for the body
        self.is_handed = False  # came from another process just now, with bytes that are not looked at yet
        self.ends = False  # once all is sent
        self.cut = False  # a fault has ended it

    def receive(self) -> bool:
        """Take in what has come; tell whether the client is still there. Raises OSError, and ssl.SSLError."""
        try:
            data = self.sock.recv(PIECE)
            while data and self.is_tls and self.sock.pending():  # type: ignore[attr-defined]
                self.buffer += data
                data = self.sock.recv(PIECE)
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return True
        self.buffer += data
        return bool(data)

    def wait_for_more(self, seconds: float) -> bytes:
        """Return what comes next, waiting for it; nothing when the client has left. Raises TimeoutError, OSError."""
        self.sock.settimeout(seconds)
        try:
            return self.sock.recv(PIECE)
        finally:
            self.sock.settimeout(0)

    def send(self, data: bytes) -> None:
        """Send all of it, waiting for the client to read. Raises TimeoutError, OSError."""
        self.sock.settimeout(SEND_SECONDS)
        try:
            self.sock.sendall(data)
        finally:
            if not self.cut:
                self.sock.settimeout(0)

    def send_some(self, data: memoryview) -> memoryview | None:
        """Send as much as the client takes now; return the rest, or None without one. Raises OSError."""
        while data:
            try:
                sent = self.sock.send(data)
            except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return data
            data = data[sent:]
        return None

    def abort(self, *, reset: bool) -> None:
        """Cut the connection now: with a TCP reset, or with an orderly end of stream."""
        self.cut = True
        with contextlib.suppress(OSError):
            if reset:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HARD_RESET)
                # A TLS socket's own close would first say good-bye.
                os.close(self.sock.detach())
            else:
                self.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the connection, in good order."""
        with contextlib.suppress(OSError):
            self.sock.close()
