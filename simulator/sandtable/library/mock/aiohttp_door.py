"""Calls made with `aiohttp`: its connector is given a connection whose other end is in this process."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Callable
from typing import Any

import aiohttp

from sandtable.library.mock.answering import Answering, Door
from sandtable.library.mock.raw_exchange import RawExchange


class MemoryTransport(asyncio.Transport):
    """A transport that answers the request which was written to it; `timeout` is how long its client waits."""

    def __init__(self, answering: Answering, origin: str, protocol: Any, timeout: float | None) -> None:
        super().__init__()
        self._exchange = RawExchange(answering.app, origin)
        self._protocol = protocol
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._closing = self._answering = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 0) if name in ("peername", "sockname") else default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._exchange.feed(bytes(data))
        if self._exchange.complete and not self._answering:
            self._answering = True
            # In a thread: a fault may wait, and the loop has other things to do meanwhile.
            self._loop.run_in_executor(None, self._answer)

    def _answer(self) -> None:
        data, broken = b"", None
        try:
            data, broken = self._exchange.answer(self._timeout)
        except (OSError, http.client.HTTPException) as error:
            broken = error
        self._loop.call_soon_threadsafe(self._deliver, data, broken)

    def _deliver(self, data: bytes, broken: Exception | None) -> None:
        if self._closing:
            return
        if data:
            self._protocol.data_received(data)
        if broken is not None and not isinstance(broken, TimeoutError):
            self._closing = True
            cut = isinstance(broken, ConnectionError) and not isinstance(broken, http.client.RemoteDisconnected)
            self._protocol.connection_lost(broken if cut else None)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()

    def is_reading(self) -> bool:
        return not self._closing

    def pause_reading(self) -> None:
        """Go on: what is answered is there as a whole."""

    def resume_reading(self) -> None:
        """Go on."""

    def get_write_buffer_size(self) -> int:
        return 0


def aiohttp_doors(answering: Answering) -> list[Door]:
    """Open the door of `aiohttp`: where its connector makes a connection."""

    def make(original: Callable[..., Any], door: Door) -> Callable[..., Any]:
        async def create_connection(connector: Any, request: Any, traces: Any, timeout: Any) -> Any:
            url = str(request.url)
            decision = door.decide(url)
            if decision == "refuse":
                raise aiohttp.ClientConnectionError(answering.refusal(url))
            if decision == "pass":
                return await original(connector, request, traces, timeout)
            protocol = connector._factory()  # noqa: SLF001 - what the original makes its protocols with
            waits = timeout.sock_read or timeout.total
            protocol.connection_made(MemoryTransport(answering, str(request.url.origin()), protocol, waits))
            return protocol

        return create_connection

    return [Door(answering, aiohttp.TCPConnector, "_create_connection", make)]
