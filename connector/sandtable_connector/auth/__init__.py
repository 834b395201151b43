"""Authentication as generators: a scheme yields requests and receives responses, and does no I/O of its own.

``flow(request)`` yields any requests it needs first (a token request), then the authorised request; what it receives
for the last one is the answer. One file per scheme.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol

from sandtable_connector.transport.messages import Request, Response

Flow = Generator[Request, Response, None]


class Scheme(Protocol):
    """One way to authorise a request."""

    def flow(self, request: Request) -> Flow:
        """Yield the requests that carry out one request with authorisation."""
        ...


def carry_out(scheme: Scheme, request: Request, send: Callable[[Request], Response]) -> Response:
    """Drive a scheme's flow over ``send`` and return the response to its last request."""
    flow = scheme.flow(request)
    try:
        response = send(next(flow))
        while True:
            try:
                following = flow.send(response)
            except StopIteration:
                return response
            response = send(following)
    finally:
        flow.close()
