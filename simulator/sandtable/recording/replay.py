"""Answers from recordings, and from nothing else: a request that was not recorded is an error that says so."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sandtable.recording.exchanges import PLACEHOLDER, PLACEHOLDER_HOST, Body, Exchange, RecordedRequest
from sandtable.recording.matching import differences, likeness
from sandtable.recording.redactor import Redactor, path_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PLANE = "/_sandtable/"


class Replay:
    """A WSGI application that answers with recordings.

    Requests that were recorded several times are answered in that order; afterwards one that only reads is answered
    as the last time, and one that writes is refused. Unknown requests are answered with 501 and the nearest recording.
    `/_sandtable/replay` tells what was answered, what was not, and what nobody asked for.
    """

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._exchanges = list(exchanges)
        self._answered = [0] * len(self._exchanges)
        self._refused: list[str] = []
        self._lock = threading.Lock()

    @property
    def refused(self) -> list[str]:
        """The requests that were not in the recordings, with the reason."""
        with self._lock:
            return list(self._refused)

    @property
    def unasked(self) -> list[str]:
        """The names of the recordings that were not asked for."""
        with self._lock:
            return [each.name for each, times in zip(self._exchanges, self._answered, strict=True) if not times]

    def reset(self) -> None:
        """Begin again with the first recording."""
        with self._lock:
            self._answered = [0] * len(self._exchanges)
            self._refused.clear()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "/")
        if path.startswith(PLANE):
            return self._plane(path, environ, start_response)
        here = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', 'localhost')}"
        given = _request_of(environ, here)
        with self._lock:
            found, reason = self._find(given)
            if found is None:
                self._refused.append(f"{given.method} {given.path}: {reason}")
        if found is None:
            detail = {"message": "Not in the recordings", "detail": reason}
            return _send(start_response, "501 Not Implemented", {"error": detail, "status": "failure"})
        return _answer(found, here, given.method, start_response)

    def _find(self, given: RecordedRequest) -> tuple[Exchange | None, str]:
        fitting = [at for at, each in enumerate(self._exchanges) if not differences(each.request, given)]
        for at in fitting:
            if not self._answered[at]:
                self._answered[at] += 1
                return self._exchanges[at], ""
        if fitting and given.method in SAFE:
            self._answered[fitting[-1]] += 1
            return self._exchanges[fitting[-1]], ""
        if fitting:
            times = "once" if len(fitting) == 1 else f"{len(fitting)} times"
            return (
                None,
                f"it was recorded {times} ({self._exchanges[fitting[-1]].name}), and has been answered as often",
            )
        if not self._exchanges:
            return None, "there are no recordings"
        nearest = max(self._exchanges, key=lambda each: likeness(each.request, given))
        return None, f"the nearest is {nearest.name}: {'; '.join(differences(nearest.request, given))}"

    def _plane(self, path: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if path.startswith(f"{PLANE}health/"):
            return _send(start_response, "200 OK", {"status": "ok"})
        if path == f"{PLANE}replay" and method == "GET":
            told = {"recordings": len(self._exchanges), "refused": self.refused, "unasked": self.unasked}
            return _send(start_response, "200 OK", told)
        if path == f"{PLANE}reset" and method == "POST":
            self.reset()
            return _send(start_response, "200 OK", {"reset": True})
        error = {
            "message": f"A replay has no {method} {path}",
            "detail": f"there are GET {PLANE}replay, POST {PLANE}reset",
        }
        return _send(start_response, "404 Not Found", {"error": error})


def _request_of(environ: WSGIEnvironment, here: str) -> RecordedRequest:
    length = environ.get("CONTENT_LENGTH") or ""
    stream = environ["wsgi.input"]
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower() or environ.get("wsgi.input_terminated")
    data: bytes = stream.read(int(length)) if length.isdigit() else stream.read() if chunked else b""
    path, query = path_of(environ.get("RAW_URI") or environ.get("PATH_INFO", "/"))
    kind = environ.get("CONTENT_TYPE", "")
    # The same form as in the file, but with nothing hidden: what is compared is what the client really says.
    return Redactor(here).plain(environ["REQUEST_METHOD"], path, query, kind, data)


def _answer(exchange: Exchange, here: str, method: str, start_response: StartResponse) -> list[bytes]:
    host = here.partition("://")[2]

    def led_here(text: str) -> str:
        return text.replace(PLACEHOLDER, here).replace(PLACEHOLDER_HOST, host)

    answer = exchange.answer
    body = b"\0" * answer.body.left_out or _bytes(answer.body, led_here)
    headers = [(name, led_here(value)) for name, value in answer.headers]
    headers.append(("X-Sandtable-Recording", exchange.name))
    if answer.status not in (204, 304):
        headers.append(("Content-Length", str(len(body))))
    start_response(f"{answer.status} {answer.reason}", headers)
    return [] if method == "HEAD" else [body]


def _bytes(body: Body, led_here: Any) -> bytes:
    return led_here(body.text).encode("utf-8") if body.text is not None else body.data


def _send(start_response: StartResponse, status: str, content: object) -> list[bytes]:
    text = json.dumps(content, ensure_ascii=False).encode("utf-8")
    start_response(status, [("Content-Type", "application/json;charset=UTF-8"), ("Content-Length", str(len(text)))])
    return [text]
