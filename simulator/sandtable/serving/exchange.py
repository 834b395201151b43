"""One request answered by a WSGI application in this thread, for every HTTP client library alike.

The request target, duplicate headers and cookies arrive as they would over a socket, and a fault that cuts the
connection surfaces as what the operating system would have raised.
"""

from __future__ import annotations

import contextvars
import http.client
import io
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class MemoryConnection:
    """The in-process counterpart of a socket for faults: `environ["sandtable.connection"]`.

    `timeout` is how many seconds the client waits for an answer; None is for ever.
    """

    in_process = True  # no page of a browser can be behind it

    def __init__(self, timeout: float | None = None) -> None:
        self.timeout = timeout
        self.cut = False
        self.reset = False
        self.timed_out = False
        self._waited = 0.0
        self._client = threading.Event()  # set when the client need wait no longer

    def wait(self, seconds: float, let_pass: Callable[[float], bool]) -> None:
        """Keep the client waiting, at most until it gives up; the request waits on, and what it then does happens.

        `let_pass` lets seconds pass, and returns True when there is nothing left to wait for.
        """
        left = None if self.timeout is None else max(0.0, self.timeout - self._waited)
        self._waited += seconds
        if left is not None and seconds >= left and not self.timed_out:
            if let_pass(left):
                return
            seconds -= left
            self.timed_out = True
            self._client.set()
        let_pass(max(0.0, seconds))

    def finished(self) -> None:
        """Say that there is an answer, or none will come."""
        self._client.set()

    def wait_for_answer(self) -> None:
        """Wait as the client does: until there is an answer, or its time-out has passed in a wait."""
        self._client.wait()

    def abort(self, *, reset: bool = True) -> None:
        """End the exchange now; the client sees a reset connection, or the end of the stream."""
        self.cut = True
        self.reset = reset

    def error(self) -> Exception:
        """Return what the operating system or the HTTP client would have raised."""
        if self.timed_out:
            return TimeoutError("timed out")
        if self.reset:
            return ConnectionResetError(104, "Connection reset by peer")
        return http.client.RemoteDisconnected("Remote end closed connection without response")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an application answered; `broken` is the error that follows the last byte of a cut body, or None."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    broken: Exception | None = None

    def stream(self) -> io.BytesIO:
        """Return the body as a stream, which breaks where the connection was cut."""
        return io.BytesIO(self.body) if self.broken is None else _Cut(self.body, self.broken)


class _Cut(io.BytesIO):
    """A body whose connection breaks after the bytes that were sent; who reads on after that finds nothing more."""

    def __init__(self, sent: bytes, error: Exception) -> None:
        super().__init__(sent)
        self._error: Exception | None = error

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        error = self._error
        if not data and size != 0 and error is not None:
            self._error = None
            raise error
        return data


def answer_from(
    app: WSGIApplication,
    method: str,
    url: str,
    headers: Iterable[tuple[str, str | bytes]],
    body: object = None,
    *,
    timeout: float | None = None,
) -> Answer:
    """Return what an application answers to one request; the target of the URL is passed on byte for byte.

    `body` is text, bytes, a file or an iterable of either; `timeout` is how long the client waits, in seconds. Raises
    TimeoutError when a fault makes it wait longer, ConnectionResetError or http.client.RemoteDisconnected when one cuts
    the connection before the first byte of the body.
    """
    connection = MemoryConnection(timeout)
    data, length = body_bytes(body)
    environ = environ_of(method, url, headers, data, length, connection)
    if timeout is None or not _may_wait(app):
        return _answer(app, environ, connection)
    return _answer_in_time(app, environ, connection)


def _may_wait(app: WSGIApplication) -> bool:
    """Tell whether an application may keep its client waiting; one that is not ours always may."""
    may_wait: Callable[[], bool] | None = getattr(app, "extensions", {}).get("sandtable.may_wait")
    return may_wait is None or may_wait()


def _answer_in_time(app: WSGIApplication, environ: dict[str, Any], connection: MemoryConnection) -> Answer:
    """Return an answer that is given by another thread, which goes on when the client gives up waiting for it."""
    outcome: list[Answer | BaseException] = []

    def serve() -> None:
        try:
            outcome.append(_answer(app, environ, connection))
        except BaseException as error:
            outcome.append(error)
        finally:
            connection.finished()

    serving = contextvars.copy_context()
    threading.Thread(target=serving.run, args=(serve,), name="sandtable-answer", daemon=True).start()
    connection.wait_for_answer()
    if not outcome or connection.timed_out:
        raise TimeoutError("timed out")
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _answer(app: WSGIApplication, environ: dict[str, Any], connection: MemoryConnection) -> Answer:
    status, listed, chunks = _called(app, environ)
    sent = io.BytesIO()
    try:
        for chunk in chunks:
            if connection.cut and not sent.tell():
                break
            sent.write(chunk)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    if connection.timed_out or (connection.cut and not sent.tell()):
        raise connection.error()
    code, _, reason = status.partition(" ")
    body = sent.getvalue()
    broken = connection.error() if connection.cut else None
    if isinstance(broken, http.client.RemoteDisconnected):
        # After the first bytes an end of the stream is no longer one without an answer.
        broken = http.client.IncompleteRead(body)
    return Answer(int(code), reason, listed, body, broken)


def environ_of(
    method: str,
    url: str,
    headers: Iterable[tuple[str, str | bytes]],
    body: bytes,
    length: int | None,
    connection: MemoryConnection,
) -> dict[str, Any]:
    """Return the WSGI environment of a request; `length` is None when the client sends its body in chunks."""
    scheme, _, rest = url.partition("://")
    cut = min((at for at in (rest.find(mark) for mark in "/?#") if at >= 0), default=len(rest))
    authority, target = rest[:cut], rest[cut:].partition("#")[0]
    if not target.startswith("/"):
        target = "/" + target
    raw_target = target.encode("utf-8").decode("latin-1")
    path, _, query = raw_target.partition("?")
    parts = urlsplit(f"{scheme}://{authority}")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": (method or "GET").upper(),
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": raw_target,
        "RAW_URI": raw_target,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": authority.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "sandtable.connection": connection,
    }
    seen: dict[str, str] = {}
    for name, value in headers:
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            environ[key] = text
        elif key != "TRANSFER_ENCODING":
            # Sent twice, a header arrives as one with both values, as from a socket.
            joint = "; " if key == "COOKIE" else ", "
            seen[key] = f"{seen[key]}{joint}{text}" if key in seen else text
            environ[f"HTTP_{key}"] = seen[key]
    if length is not None:
        environ.setdefault("CONTENT_LENGTH", str(length))
    return environ


def body_bytes(body: object) -> tuple[bytes, int | None]:
    """Return the bytes a request carries, and their number unless they are sent in chunks."""
    if body is None:
        return b"", None
    if isinstance(body, str):
        body = body.encode("utf-8")
    if isinstance(body, bytes | bytearray):
        return bytes(body), len(body)
    read = getattr(body, "read", None)
    if read is not None:
        data = read()
        return (data.encode("utf-8") if isinstance(data, str) else data), None
    if not isinstance(body, Iterable) or isinstance(body, Mapping):
        raise TypeError(f"a request body is text, bytes, a file or an iterable of them, not {type(body).__name__}")
    chunks = (chunk.encode("utf-8") if isinstance(chunk, str) else chunk for chunk in body)
    return b"".join(chunks), None


def _called(app: WSGIApplication, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
    answer: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        answer[:] = [status, headers]
        return written.append

    written: list[bytes] = []
    chunks = app(environ, start_response)
    if not answer:
        # A generator application begins its answer with its first chunk.
        iterator = iter(chunks)
        first = next(iterator, b"")
        return answer[0], answer[1], _joined([*written, first], iterator)
    return answer[0], answer[1], _joined(written, chunks) if written else chunks


def _joined(first: Iterable[bytes], rest: Iterable[bytes]) -> Iterable[bytes]:
    yield from first
    yield from rest
