"""One authorised call: the scheme's flow over redirects over the transport."""

from __future__ import annotations

from sandtable_connector.auth import Scheme, carry_out
from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.settings.networking import Networking
from sandtable_connector.transport.messages import Request, Response, Transport
from sandtable_connector.transport.redirects import follow


def standard_headers(behaviour: Behaviour) -> dict[str, str]:
    """Return the headers every request carries (source: observed with axios 1)."""
    agent, encodings = (
        (f"axios/{behaviour.axios_version}", "gzip, compress, deflate, br")
        if behaviour.axios_version
        else ("sandtable-connector", "gzip, deflate")
    )
    return {"Accept": "application/json, text/plain, */*", "User-Agent": agent, "Accept-Encoding": encodings}


class Sender:
    """Sends requests with one connector's authentication, redirects and allowed hosts."""

    def __init__(self, transport: Transport, scheme: Scheme, behaviour: Behaviour, networking: Networking) -> None:
        self._transport = transport
        self._scheme = scheme
        self._allows = networking.allows if behaviour.redirects_checked else None

    def send(self, request: Request) -> Response:
        """Return the response to an authorised request; raises ConnectorError when there is none."""
        return carry_out(self._scheme, request, self._exchange)

    def authorization(self, url: str) -> str:
        """Return the Authorization value that a request to a URL would carry; a token is asked for if none is kept."""
        flow = self._scheme.flow(Request("GET", url))
        try:
            request = next(flow)
            while "Authorization" not in request.headers:
                request = flow.send(self._exchange(request))
            return request.headers["Authorization"]
        finally:
            flow.close()

    def _exchange(self, request: Request) -> Response:
        return follow(self._transport.send, request, allows=self._allows)
