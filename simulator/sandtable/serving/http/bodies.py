"""Bodies of requests as `wsgi.input`, for those that were not there whole when their request began to be answered."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import NoReturn

from sandtable.serving.http.connection import Connection

SILENT_SECONDS = 10  # that a body may make no progress
PATIENCE_SECONDS = 2  # that one may make none which nobody wants any more
SLOWEST, SLOW_SECONDS = 1024, 30  # bytes a second, over so many seconds
LONGEST_CHUNK_LINE = 4096
MOST_TRAILERS = 100
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?")


class ShortBody(ConnectionError):
    """The client left, or fell silent, in the middle of its body."""


class Body:
    """A body that is still coming. `timed_out` says that its client was too slow for it, `ended` that all was read."""

    def __init__(self, connection: Connection, *, expects: bool) -> None:
        self._connection = connection
        self._expects = expects
        self._began = time.monotonic()
        self._received = 0
        self._ready = bytearray()  # decoded, and not read yet
        self._patience = SILENT_SECONDS
        self.timed_out = False
        self.ended = False

    def _fill(self) -> None:
        """Take in some more of the body, or set `ended`. Raises ShortBody, ValueError for a broken coding."""
        raise NotImplementedError

    def _more(self) -> None:
        """Wait for more from the client. Raises ShortBody."""
        if self._expects:
            self._expects = False
            self._connection.send(GO_ON)
        waited = time.monotonic() - self._began
        if waited > SLOW_SECONDS and self._received < SLOWEST * waited:
            self._give_up()
        try:
            data = self._connection.wait_for_more(self._patience)
        except TimeoutError:
            self._give_up()
        if not data:
            raise ShortBody("the client left in the middle of the body")
        self._received += len(data)
        self._connection.buffer += data

    def _take(self, most: int) -> int:
        """Move so many bytes to what is ready, waiting where there are none; return how many. Raises ShortBody."""
        buffer = self._connection.buffer
        if not buffer:
            self._more()
        taken = buffer[:most]
        del buffer[:most]
        self._ready += taken
        return len(taken)

    def _give_up(self) -> NoReturn:
        self.timed_out = True
        raise ShortBody("the client was too slow with the body") from None

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, all that come for a negative number; fewer only at the end."""
        while not self.ended and (size < 0 or len(self._ready) < size):
            self._fill()
        return self._taken(len(self._ready) if size < 0 else size)

    def readline(self, size: int = -1) -> bytes:
        """Return a line, at most so many bytes of it."""
        while True:
            end = self._ready.find(b"\n") + 1
            if end or self.ended or 0 <= size <= len(self._ready):
                break
            self._fill()
        length = end or len(self._ready)
        return self._taken(length if size < 0 else min(length, size))

    def readlines(self, hint: int = -1) -> list[bytes]:
        """Return all lines."""
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def _taken(self, size: int) -> bytes:
        found = bytes(self._ready[:size])
        del self._ready[:size]
        return found

    @property
    def rest(self) -> int:
        """How many bytes are still to come, as far as that is known."""
        return 0


class KnownBody(Body):
    """A body whose length was declared."""

    def __init__(self, connection: Connection, length: int, *, expects: bool) -> None:
        super().__init__(connection, expects=expects)
        self._left = length

    def _fill(self) -> None:
        if not self._left:
            self.ended = True
            return
        self._left -= self._take(self._left)

    @property
    def rest(self) -> int:
        return self._left

    def pass_over(self, most: int) -> None:
        """Read and forget what is left, at most so many bytes, and wait less for it. Raises OSError."""
        self._patience = PATIENCE_SECONDS
        while self._left and most > 0:
            before = self._left
            self._fill()
            self._ready.clear()
            most -= before - self._left


class ChunkedBody(Body):
    """A body in chunks, with trailers that are read and left out."""

    def __init__(self, connection: Connection, *, expects: bool) -> None:
        super().__init__(connection, expects=expects)
        self._left = 0  # of the present chunk
        self.broken = False

    def _fill(self) -> None:
        if self.broken:
            raise ValueError("the chunks of the body are broken")
        if not self._left:
            self._left = self._next_size()
            if not self._left:
                self._pass_trailers()
                self.ended = True
                return
        self._left -= self._take(self._left)
        if not self._left and self._line() != b"":
            self._break("a chunk is longer than it says")

    def _next_size(self) -> int:
        found = _CHUNK_SIZE.fullmatch(self._line())
        if found is None:
            self._break("the size of a chunk is no hexadecimal number")
        return int(found[1], 16)

    def _pass_trailers(self) -> None:
        for _ in range(MOST_TRAILERS):
            if not self._line():
                return
        self._break("there are too many trailers")

    def _line(self) -> bytes:
        buffer = self._connection.buffer
        while True:
            end = buffer.find(b"\n")
            if end >= 0:
                break
            if len(buffer) > LONGEST_CHUNK_LINE:
                self._break("the size of a chunk has no end")
            self._more()
        line = bytes(buffer[:end])
        if not line.endswith(b"\r"):
            self._break("a line of the chunks does not end with CRLF")
        del buffer[: end + 1]
        return line[:-1]

    def _break(self, why: str) -> NoReturn:
        self.broken = True
        raise ValueError(why)
