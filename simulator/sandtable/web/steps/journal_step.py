"""Entering a request and its answer in the journal of its world, as both go by."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sandtable.core.values.visits import Outlived
from sandtable.web.environ import TRANSACTIONS, is_unobserved
from sandtable.web.journal.observing import observing
from sandtable.web.journal.request_journal import Kept
from sandtable.web.wire.wire_request import WireRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def keep_journal(
    application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Enter a request and its answer in the journal of the world; those to the test plane are left out."""
    if is_unobserved(environ):
        return application(environ, start_response)
    world = environ["sandtable.world"]
    noted = None
    with observing("a request"):
        noted = world.journal.begin(environ)
    if noted is None:
        return application(environ, start_response)
    environ[TRANSACTIONS] = []
    if "wsgi.input" in environ:
        environ["wsgi.input"] = _Tee(environ["wsgi.input"], noted.request_body)
    started: list[Any] = []
    start = time.perf_counter()

    def noting(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        started[:] = [status, headers]
        return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

    try:
        chunks = application(environ, noting)
    except Outlived:
        with observing("a request that ended"):
            noted.outlived(environ)
            world.journal.finish(noted)
        raise
    noted.milliseconds = (time.perf_counter() - start) * 1000
    with observing("an answer"):
        noted.answered(int(started[0].partition(" ")[0]), started[1], environ)
        if not noted.table and not noted.api:
            # A planned fault answered, or a refusal came early: what the request was for is in its path all the same.
            asked = WireRequest(environ, world)
            noted.table, noted.api = asked.table, asked.api
            noted.user = noted.user or (asked.user if noted.faults else "")
        world.journal.trim()
    if type(chunks) is list:
        with observing("the body of an answer"):
            for chunk in chunks:
                noted.response_body.add(chunk)
            world.journal.finish(noted)
        return chunks
    world.journal.sending()
    return _Noted(chunks, noted.response_body, lambda: world.journal.finish(noted))


class _Noted:
    """The chunks of an answer, each noted before it is sent, so that the journal never lags behind the client."""

    def __init__(self, chunks: Iterable[bytes], kept: Kept, finish: Callable[[], None]) -> None:
        self._chunks = chunks
        self._kept = kept
        self._finish = finish

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._kept.add(chunk)
            yield chunk

    def close(self) -> None:
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()
        with observing("an answer that was sent"):
            self._finish()


class _Tee:
    """The stream of a request body, whose bytes are noted as the application reads them."""

    def __init__(self, stream: Any, kept: Kept) -> None:
        self._stream = stream
        self._kept = kept

    def read(self, size: int = -1) -> bytes:
        return self._noted(self._stream.read(size) if size >= 0 else self._stream.read())

    def readline(self, size: int = -1) -> bytes:
        return self._noted(self._stream.readline(size) if size >= 0 else self._stream.readline())

    def readlines(self, hint: int = -1) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def _noted(self, data: bytes) -> bytes:
        self._kept.add(data)
        return data
