"""Calls made with `requests`, by any session: the adapter is given a connection pool that leads into this process.

Everything above the pool is the library's own code: its retries, redirects, cookies, hooks, and adapters of one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError, ReadTimeoutError
from urllib3.util.retry import Retry

from sandtable.library.in_process import pooled_response, read_timeout
from sandtable.library.mock.answering import Answering, Door
from sandtable.serving.exchange import answer_from, body_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from urllib3 import HTTPResponse


class MemoryPool:
    """As much of a urllib3 connection pool as an adapter uses, for one request at one URL.

    A time-out ends only the waiting that a fault causes.
    """

    def __init__(self, app: WSGIApplication, url: str) -> None:
        self._app = app
        self._url = url

    def __str__(self) -> str:
        return "in-process mock"

    def urlopen(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        retries: Any = None,
        *,
        chunked: bool = False,
        timeout: Any = None,
        **_: Any,
    ) -> HTTPResponse:
        """Answer a request, again and again while its retries ask for it.

        Raises ProtocolError when a fault cuts the connection, ReadTimeoutError when one outlasts the time-out, and
        MaxRetryError when the retries are used up.
        """
        waits = read_timeout(timeout)
        left = Retry.from_int(retries, redirect=False)
        data = body_bytes(body)[0]
        # Read once, so that a second try sends the same.
        again: bytes | Iterable[bytes] | None = iter([data]) if chunked else data or None
        while True:
            try:
                answer = answer_from(self._app, method, self._url, (headers or {}).items(), again, timeout=waits)
            except OSError as error:
                failed: HTTPError = ProtocolError("Connection aborted.", error)
                if isinstance(error, TimeoutError):
                    failed = ReadTimeoutError(self, url, f"Read timed out. (read timeout={waits})")  # type: ignore[arg-type]
                left = left.increment(method, url, error=failed, _pool=self, _stacktrace=error.__traceback__)  # type: ignore[arg-type]
                left.sleep()
            else:
                response = pooled_response(answer, method)
                if not left.is_retry(method, response.status, bool(response.headers.get("Retry-After"))):
                    return response
                try:
                    left = left.increment(method, url, response=response, _pool=self)  # type: ignore[arg-type]
                except MaxRetryError:
                    if left.raise_on_status:
                        raise
                    return response
                left.sleep(response)
            if chunked:
                again = iter([data])


def requests_doors(answering: Answering) -> list[Door]:
    """Open the doors of `requests`: to the connection, and to the check of its certificate, of which there is none."""

    def make(original: Callable[..., Any], door: Door) -> Callable[..., Any]:
        def get_connection_with_tls_context(
            adapter: HTTPAdapter, request: requests.PreparedRequest, *arguments: Any, **options: Any
        ) -> Any:
            url = request.url or ""
            decision = door.decide(url)
            if decision == "answer":
                return MemoryPool(answering.app, url)
            if decision == "refuse":
                raise requests.ConnectionError(answering.refusal(url), request=request)
            return original(adapter, request, *arguments, **options)

        return get_connection_with_tls_context

    def make_unchecked(original: Callable[..., Any], door: Door) -> Callable[..., Any]:
        def cert_verify(adapter: HTTPAdapter, connection: Any, *arguments: Any, **options: Any) -> Any:
            # The files that `verify` and `cert` name are those of the real instance, and need not be on this machine.
            return None if isinstance(connection, MemoryPool) else original(adapter, connection, *arguments, **options)

        return cert_verify

    return [
        Door(answering, HTTPAdapter, "get_connection_with_tls_context", make),
        Door(answering, HTTPAdapter, "cert_verify", make_unchecked),
    ]
