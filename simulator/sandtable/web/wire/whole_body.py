"""Bodies that end before their declared length: what is left of them must not be taken for the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sandtable.core.values.errors import BodyCutOff, UnreadableBody

if TYPE_CHECKING:
    from sandtable.web.worlds.worlds import Worlds


def expect_whole_body(worlds: Worlds, environ: dict[str, Any]) -> None:
    """Have whoever reads the body told when it ends early: BodyCutOff is raised, whichever way it is read.

    Of a body in chunks only the server knows where it ends; what it raises becomes UnreadableBody.
    """
    declared = environ.get("CONTENT_LENGTH") or ""
    stream = environ.get("wsgi.input")
    if stream is not None and declared.isascii() and declared.isdigit() and declared.strip("0"):
        environ["wsgi.input"] = _Whole(stream, int(declared))
    elif stream is not None and not declared:
        environ["wsgi.input"] = _Chunked(stream)


class _Chunked:
    """The stream of a body whose length nobody said."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._asked(self._stream.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._asked(self._stream.readline, size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def _asked(self, read: Callable[..., bytes], size: int) -> bytes:
        try:
            return read() if size is None or size < 0 else read(size)
        except (OSError, ValueError) as error:
            raise UnreadableBody(f"Cannot read: {error}") from None


class _Whole(_Chunked):
    """The stream of a body of known length."""

    def __init__(self, stream: Any, length: int) -> None:
        super().__init__(stream)
        self._length = self._left = length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        pieces: list[bytes] = []
        while wanted > 0:
            piece = self._asked(self._stream.read, wanted)
            pieces.append(piece)
            wanted -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readline(self, size: int = -1) -> bytes:
        if not self._left:
            return b""
        return self._asked(self._stream.readline, self._left if size is None or size < 0 else size)

    def _asked(self, read: Callable[..., bytes], size: int) -> bytes:
        try:
            data = read(size)
        except (OSError, ValueError):
            data = b""
        if not data:
            raise BodyCutOff(self._length - self._left, self._length)
        self._left -= len(data)
        return data
