"""Seeing what went over the wire: a transport that records each exchange, with the secrets taken out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandtable_connector.errors import ConnectorError, Redactor
from sandtable_connector.transport.answers import parse_body
from sandtable_connector.transport.messages import Request, Response, Transport

# Further down in an answer nothing is looked at, and nothing shown.
DEEPEST = 100
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization"})
_COOKIES = frozenset({"cookie", "set-cookie"})
_SECRET_FORM_FIELDS = ("assertion", "client_secret", "password", "refresh_token")
_SECRET_ANSWER_KEYS = frozenset({"access_token", "refresh_token", "id_token"})


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and what came of it; bodies are text or parsed JSON, secrets are replaced, ``seconds`` is how long.

    ``error`` is set, and ``status`` None, when there was no complete answer.
    """

    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: str | None
    status: int | None
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: Any = None
    error: str | None = None
    seconds: float = 0.0

    def wire(self) -> dict[str, Any]:
        """Return the exchange as a plain mapping, for JSON."""
        return {
            "request": {
                "method": self.method,
                "url": self.url,
                "headers": dict(self.request_headers),
                "body": self.request_body,
            },
            "response": None
            if self.status is None
            else {"status": self.status, "headers": dict(self.response_headers), "body": self.response_body},
            "error": self.error,
            "seconds": round(self.seconds, 6),
        }


class TracingTransport:
    """Carries requests through another transport and keeps a redacted record of each exchange."""

    def __init__(
        self, inner: Transport, redact: Redactor | None = None, *, timer: Callable[[], float] = time.perf_counter
    ) -> None:
        self._inner = inner
        self._redact = redact or Redactor()
        self._timer = timer
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Return what was recorded so far, oldest first."""
        with self._lock:
            return tuple(self._exchanges)

    def send(self, request: Request) -> Response:
        """Carry one request and record it, also when it fails."""
        began = self._timer()
        try:
            response = self._inner.send(request)
        except ConnectorError as error:
            self._record(request, None, self._redact(error.message), self._timer() - began)
            raise
        self._record(request, response, None, self._timer() - began)
        return response

    def _record(self, request: Request, response: Response | None, error: str | None, seconds: float) -> None:
        exchange = Exchange(
            method=request.method,
            url=self._redact(request.url),
            request_headers=self._headers(request.headers),
            request_body=None if request.body is None else self._form(request.body.decode("utf-8", "replace")),
            status=None if response is None else response.status,
            response_headers={} if response is None else self._headers(response.headers),
            response_body=None if response is None else self._shown(parse_body(response), DEEPEST),
            error=error,
            seconds=seconds,
        )
        with self._lock:
            self._exchanges.append(exchange)

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name: self._header(name.lower(), value) for name, value in headers.items()}

    def _header(self, name: str, value: str) -> str:
        if name in _COOKIES:
            return Redactor.HIDDEN  # a session is as good as a password
        return _scheme_only(value) if name in _SECRET_HEADERS else self._redact(value)

    def _form(self, text: str) -> str:
        if not text.startswith("{") and "=" in text:
            pairs = [pair.partition("=") for pair in text.split("&")]
            text = "&".join(
                f"{name}={Redactor.HIDDEN if name in _SECRET_FORM_FIELDS else value}" for name, _, value in pairs
            )
        return self._redact(text)

    def _shown(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self._redact(value)
        if isinstance(value, list | dict) and not depth:
            return Redactor.HIDDEN
        if isinstance(value, list):
            return [self._shown(item, depth - 1) for item in value]
        if isinstance(value, dict):
            return {
                name: Redactor.HIDDEN if name in _SECRET_ANSWER_KEYS else self._shown(item, depth - 1)
                for name, item in value.items()
            }
        return value


def _scheme_only(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {Redactor.HIDDEN}" if space else Redactor.HIDDEN
