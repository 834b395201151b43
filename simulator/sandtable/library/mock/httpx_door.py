"""Calls made with `httpx`, by clients and asynchronous clients with the library's own transports."""

from __future__ import annotations

import http.client
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio.to_thread
import httpx

from sandtable.library.mock.answering import Answering, Door
from sandtable.serving.exchange import Answer, answer_from


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The bytes of an answer, and then the error of a connection that was cut."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield self._answer.body
        if self._answer.broken is not None:
            raise _as_httpx(self._answer.broken)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


def httpx_doors(answering: Answering) -> list[Door]:
    """Open the two doors of `httpx`: its transport and its asynchronous one."""

    def make(original: Callable[..., Any], door: Door) -> Callable[..., Any]:
        def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> Any:
            if _is_answered(door, request):
                request.read()
                return _response(answering, request)
            return original(transport, request)

        return handle_request

    def make_async(original: Callable[..., Any], door: Door) -> Callable[..., Any]:
        async def handle_async_request(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> Any:
            if _is_answered(door, request):
                await request.aread()
                if answering.may_wait():
                    # Waiting here would hold up all that the event loop does beside it, and no time-out could end it.
                    return await anyio.to_thread.run_sync(_response, answering, request, abandon_on_cancel=True)
                return _response(answering, request)
            return await original(transport, request)

        return handle_async_request

    return [
        Door(answering, httpx.HTTPTransport, "handle_request", make),
        Door(answering, httpx.AsyncHTTPTransport, "handle_async_request", make_async),
    ]


def _is_answered(door: Door, request: httpx.Request) -> bool:
    url = str(request.url)
    decision = door.decide(url)
    if decision == "refuse":
        raise httpx.ConnectError(door.answering.refusal(url), request=request)
    return decision == "answer"


def _response(answering: Answering, request: httpx.Request) -> httpx.Response:
    url = request.url
    target = f"{url.scheme}://{url.netloc.decode('ascii')}{url.raw_path.decode('ascii')}"
    headers = [(name.decode("latin-1"), value) for name, value in request.headers.raw]
    chunked = "transfer-encoding" in request.headers
    try:
        answer = answer_from(
            answering.app,
            request.method,
            target,
            headers,
            iter([request.content]) if chunked else request.content,
            timeout=request.extensions.get("timeout", {}).get("read"),
        )
    except OSError as error:
        raise _as_httpx(error) from None
    reason = answer.reason.encode("latin-1", "replace")
    return httpx.Response(
        answer.status,
        headers=answer.headers,
        stream=_Body(answer),
        extensions={"http_version": b"HTTP/1.1", "reason_phrase": reason},
    )


def _as_httpx(error: Exception) -> httpx.TransportError:
    if isinstance(error, TimeoutError):
        return httpx.ReadTimeout("The read operation timed out")
    if isinstance(error, http.client.RemoteDisconnected):
        return httpx.RemoteProtocolError("Server disconnected without sending a response.")
    if isinstance(error, http.client.IncompleteRead):
        problem = "peer closed connection without sending complete message body (incomplete chunked read)"
        return httpx.RemoteProtocolError(problem)
    return httpx.ReadError(str(error))
