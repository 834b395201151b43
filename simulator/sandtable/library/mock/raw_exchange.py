"""A request as its bytes go over a connection, answered in this process with the bytes that would come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.serving.exchange import answer_from

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

NO_BODY = frozenset({204, 304})


class RawExchange:
    """One request to `origin` (scheme and host), fed in pieces as a client writes them, and then its answer."""

    def __init__(self, app: WSGIApplication, origin: str) -> None:
        self._app = app
        self._origin = origin
        self._data = bytearray()
        self._head_end = -1
        self._method, self._target = "", ""
        self._headers: list[tuple[str, str]] = []

    def feed(self, data: bytes) -> None:
        """Take in what the client wrote."""
        searched = max(0, len(self._data) - 3)
        self._data += data
        if self._head_end < 0:
            self._head_end = self._data.find(b"\r\n\r\n", searched)
            if self._head_end >= 0:
                self._read_head()

    @property
    def begun(self) -> bool:
        """Whether anything was written."""
        return bool(self._data)

    @property
    def complete(self) -> bool:
        """Whether the whole request has been written, by its own account."""
        if self._head_end < 0:
            return False
        body = len(self._data) - self._head_end - 4
        if self._chunked:
            return self._data.endswith(b"0\r\n\r\n") and body >= 5
        return body >= int(self._header("content-length") or 0)

    def answer(self, timeout: float | None = None) -> tuple[bytes, Exception | None]:
        """Return the bytes of the answer, and the error that follows the last of them, or None.

        Raises what `answer_from` raises where a fault lets no byte through.
        """
        body = bytes(self._data[self._head_end + 4 :])
        sent = iter([_unchunked(body)]) if self._chunked else body or None
        found = answer_from(self._app, self._method, self._origin + self._target, self._headers, sent, timeout=timeout)
        listed = [(name, value) for name, value in found.headers if name.lower() not in ("connection", "keep-alive")]
        lines = [f"HTTP/1.1 {found.status} {found.reason}", *(f"{name}: {value}" for name, value in listed)]
        named = {name.lower() for name, _ in listed}
        # Another request would come by a connection that nobody listens to; and a body that was cut must look cut.
        lines.append("Connection: close")
        if "content-length" not in named and found.status not in NO_BODY and self._method != "HEAD":
            missing = 1 if found.broken is not None else 0
            lines.append(f"Content-Length: {len(found.body) + missing}")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        return head + (b"" if self._method == "HEAD" else found.body), found.broken

    @property
    def _chunked(self) -> bool:
        return "chunked" in self._header("transfer-encoding").lower()

    def _header(self, wanted: str) -> str:
        return next((value for name, value in self._headers if name.lower() == wanted), "")

    def _read_head(self) -> None:
        line, *rest = bytes(self._data[: self._head_end]).decode("latin-1").split("\r\n")
        self._method, _, target = line.partition(" ")
        target = target.rpartition(" ")[0]
        # To a proxy a client names the whole address.
        self._target = target if target.startswith("/") else "/" + target.partition("://")[2].partition("/")[2]
        pairs = (each.partition(":") for each in rest)
        self._headers = [(name, value.strip()) for name, _, value in pairs]


def _unchunked(data: bytes) -> bytes:
    pieces: list[bytes] = []
    position = 0
    while position < len(data):
        end = data.index(b"\r\n", position)
        size = int(data[position:end].partition(b";")[0], 16)
        if not size:
            break
        pieces.append(data[end + 2 : end + 2 + size])
        position = end + 4 + size
    return b"".join(pieces)
