"""The seam between the connector and a network: one request in, one response out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

Log = Callable[[str, str], None]
"""What the connector reports to: ``log(level, text)`` with level "debug", "info", "warn" or "error"."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; ``url`` is ASCII and its bytes after the host go to the wire exactly as they stand."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)

    def having(self, name: str, value: str) -> Request:
        """Return the request with one header set."""
        return replace(self, headers={**self.headers, name: value})


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response with its whole body, decompressed; ``url`` is the address that gave it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    url: str = ""

    def header(self, name: str) -> str | None:
        """Return a header's value whatever the case of its name, or None."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)


class Transport(Protocol):
    """Anything that can carry one exchange; it follows no redirect and knows no credentials.

    It raises a `ConnectorError` (ConnectionFailed, ResponseTimeout, ResponseTooLarge, CertificateRefused,
    ProxyRefused) when there is no complete response.
    """

    def send(self, request: Request) -> Response:
        """Carry one request to its address and return the response, whatever its status."""
        ...
