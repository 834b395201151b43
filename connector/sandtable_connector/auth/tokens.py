"""Where access tokens are kept between runs: one for each connector (source: observed Kibana behaviour)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from sandtable_connector.values.dates import iso


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A whole Authorization value and when it expires, as ISO 8601 text (a store may hold an unreadable one)."""

    value: str = field(repr=False)
    expires_at: str = ""

    @classmethod
    def until(cls, value: str, expires_at: float) -> StoredToken:
        """Return a token that expires at a Unix time; OverflowError or ValueError when there is no such time."""
        return cls(value, iso(datetime.fromtimestamp(expires_at, UTC)))

    def expiry(self) -> float:
        """Return the Unix time of expiry; ValueError when the stored text is not a date."""
        moment = datetime.fromisoformat(self.expires_at)
        if moment.tzinfo is None:
            raise ValueError("a stored expiry without a zone")
        return moment.timestamp()


class TokenCache(Protocol):
    """A store of tokens by connector ID; any method may raise, which never stops a run by itself."""

    def read(self, connector_id: str) -> StoredToken | None:
        """Return the connector's token, expired or not, or None."""
        ...

    def write(self, connector_id: str, token: StoredToken) -> None:
        """Keep a token in place of the one before."""
        ...

    def delete(self, connector_id: str) -> None:
        """Forget the connector's token, if any."""
        ...


class MemoryTokenCache:
    """A `TokenCache` that lives as long as the process; safe to share between threads and connectors."""

    def __init__(self) -> None:
        self._tokens: dict[str, StoredToken] = {}
        self._lock = threading.Lock()

    def read(self, connector_id: str) -> StoredToken | None:
        """Return the connector's token, expired or not, or None."""
        with self._lock:
            return self._tokens.get(connector_id)

    def write(self, connector_id: str, token: StoredToken) -> None:
        """Keep a token in place of the one before."""
        with self._lock:
            self._tokens[connector_id] = token

    def delete(self, connector_id: str) -> None:
        """Forget the connector's token, if any."""
        with self._lock:
            self._tokens.pop(connector_id, None)
