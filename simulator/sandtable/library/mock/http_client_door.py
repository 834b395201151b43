"""Calls made with `http.client`, and so with `urllib` and with `urllib3` by itself: a connection that leads nowhere."""

from __future__ import annotations

import contextlib
import http.client
import io
from collections.abc import Callable
from typing import Any

import urllib3.connection

from sandtable.library.mock.answering import Answering, Door
from sandtable.library.mock.raw_exchange import RawExchange

SECURE = (http.client.HTTPSConnection, urllib3.connection.HTTPSConnection)


class MemorySocket:
    """As much of a socket as `http.client` uses: what is sent is answered when the answer is read."""

    def __init__(self, answering: Answering, origin: str, timeout: Any) -> None:
        self._exchange = RawExchange(answering.app, origin)
        self._timeout = timeout if isinstance(timeout, int | float) else None

    def sendall(self, data: Any) -> None:
        """Take in what the client writes."""
        self._exchange.feed(bytes(data))

    def send(self, data: Any) -> int:
        """Take in what the client writes, all of it."""
        self.sendall(data)
        return len(data)

    def settimeout(self, timeout: float | None) -> None:
        """Note how long the client waits for an answer."""
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        """Return how long the client waits for an answer."""
        return self._timeout

    def makefile(self, mode: str = "rb", *_: Any, **__: Any) -> io.BufferedReader:
        """Return the answer as a stream."""
        return io.BufferedReader(_Answer(self._exchange, self._timeout))

    def fileno(self) -> int:
        """Return the descriptor of a closed socket, of which there is none."""
        return -1

    def setsockopt(self, *_: Any) -> None:
        """Take in an option, which says nothing here."""

    def shutdown(self, how: int) -> None:
        """End one direction, of which there is none."""

    def close(self) -> None:
        """Close; nothing is held."""


class _Answer(io.RawIOBase):
    def __init__(self, exchange: RawExchange, timeout: float | None) -> None:
        self._exchange = exchange
        self._timeout = timeout
        self._rest: memoryview | None = None
        self._broken: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._rest is None:
            try:
                data, self._broken = self._exchange.answer(self._timeout)
            except http.client.RemoteDisconnected:
                data = b""
            self._rest = memoryview(data)
        size = min(len(buffer), len(self._rest))
        if not size and isinstance(self._broken, ConnectionError):
            broken, self._broken = self._broken, None
            raise broken
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def http_client_doors(answering: Answering) -> list[Door]:
    """Open the doors of `http.client`, and those of `urllib3`, which connects in its own way."""

    def make(original: Callable[..., Any], door: Door) -> Callable[..., Any]:
        def connect(connection: Any) -> Any:
            secure = isinstance(connection, SECURE)
            origin = _origin(connection, secure=secure)
            decision = door.decide(origin)
            if decision == "refuse":
                raise ConnectionRefusedError(answering.refusal(origin))
            if decision == "pass":
                return original(connection)
            connection.sock = MemorySocket(answering, origin, connection.timeout)
            with contextlib.suppress(AttributeError):
                # urllib3 warns of connections whose certificate nobody checked; here there is none to check.
                connection.is_verified = True
            return None

        return connect

    owners = (
        http.client.HTTPConnection,
        http.client.HTTPSConnection,
        urllib3.connection.HTTPConnection,
        urllib3.connection.HTTPSConnection,
    )
    return [Door(answering, owner, "connect", make) for owner in owners]


def _origin(connection: Any, *, secure: bool) -> str:
    """Return scheme, host and port that a connection is to reach, through a proxy or not."""
    tunnel = getattr(connection, "_tunnel_host", None)
    host, port = (tunnel, connection._tunnel_port) if tunnel else (connection.host, connection.port)  # noqa: SLF001
    shown = f"[{host}]" if ":" in host else host
    usual = 443 if secure else 80
    return f"{'https' if secure else 'http'}://{shown}" + (f":{port}" if port and port != usual else "")
