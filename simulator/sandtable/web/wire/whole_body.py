"""Bodies that end before their declared length: what is left of them must not be taken for the whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandtable.core.values.errors import BodyCutOff

if TYPE_CHECKING:
    from sandtable.web.worlds.worlds import Worlds


def expect_whole_body(worlds: Worlds, environ: dict[str, Any]) -> None:
    """Have whoever reads the body told when it ends early: BodyCutOff is raised, whichever way it is read."""
    declared = environ.get("CONTENT_LENGTH") or ""
    stream = environ.get("wsgi.input")
    if stream is not None and declared.isascii() and declared.isdigit() and declared.strip("0"):
        environ["wsgi.input"] = _Whole(stream, int(declared))


class _Whole:
    """The stream of a body of known length."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream = stream
        self._length = self._left = length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        pieces: list[bytes] = []
        while wanted > 0:
            piece = self._taken(self._stream.read(wanted))
            pieces.append(piece)
            wanted -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readline(self, size: int = -1) -> bytes:
        if not self._left:
            return b""
        line: bytes = self._taken(self._stream.readline(self._left if size is None or size < 0 else size))
        return line

    def readlines(self, hint: int = -1) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def _taken(self, data: bytes) -> bytes:
        if not data:
            raise BodyCutOff(self._length - self._left, self._length)
        self._left -= len(data)
        return data
