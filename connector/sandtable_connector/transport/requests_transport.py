"""The default transport: our own wire, or a `requests.Session` with an adapter of its own mounted."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.hooks import dispatch_hook

from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.errors import AnswerUnusable, ConnectionFailed, ResponseTimeout
from sandtable_connector.settings.networking import Networking
from sandtable_connector.transport.messages import Request, Response
from sandtable_connector.transport.wire import WireTransport, check_headers, too_large

_CHUNK = 65536


class RequestsTransport:
    """Sends the bytes of a request target exactly as given.

    Where the session has a custom adapter mounted for an address (an in-process one, a recording one), the request goes
    through it, with the session's hooks; where it has the stock adapter, or there is no session, it goes over our own
    wire, because the stock adapter quotes URLs anew. The session's own headers, cookies, proxies and TLS settings are
    not used: `Networking` decides.
    """

    def __init__(
        self,
        session: requests.Session | None = None,
        networking: Networking | None = None,
        behaviour: Behaviour | None = None,
    ) -> None:
        self._session = session
        self._networking = networking or Networking()
        self._wire = WireTransport(self._networking, behaviour)

    def send(self, request: Request) -> Response:
        """Carry one request; raises a ConnectorError when no complete answer comes within the limits."""
        session = self._session
        if session is None or type(session.get_adapter(request.url)) is HTTPAdapter:
            return self._wire.send(request)
        return self._through(session, request)

    def _through(self, session: requests.Session, request: Request) -> Response:
        check_headers(request)
        prepared = requests.PreparedRequest()
        prepared.prepare(
            method=request.method,
            url=f"{urlsplit(request.url).scheme}://{urlsplit(request.url).netloc}/",
            headers=dict(request.headers),
            data=request.body,
            hooks=session.hooks,
        )
        prepared.url = request.url  # after preparing, which would have quoted it
        limit, timeout = self._networking.max_response_content_length, self._networking.response_timeout
        try:
            # Past `Session.send`, which would follow, keep cookies, and merge settings that are not used here.
            adapter = session.get_adapter(request.url)
            with adapter.send(prepared, stream=True, timeout=timeout, verify=True, cert=None, proxies={}) as answer:
                dispatch_hook("response", prepared.hooks, answer)  # type: ignore[no-untyped-call]
                body = bytearray()
                for chunk in answer.iter_content(_CHUNK):
                    body += chunk
                    if len(body) > limit:
                        raise too_large(limit)
                return Response(answer.status_code, dict(answer.headers), bytes(body), request.url)
        except requests.exceptions.ContentDecodingError as error:
            raise AnswerUnusable("incorrect header check", code="Z_DATA_ERROR") from error
        except requests.exceptions.ChunkedEncodingError as error:
            raise ConnectionFailed("stream has been aborted", code="ERR_BAD_RESPONSE") from error
        except requests.exceptions.Timeout as error:
            raise ResponseTimeout(
                f"timeout of {self._networking.timeout_ms}ms exceeded", code="ECONNABORTED"
            ) from error
        except (requests.exceptions.RequestException, OSError) as error:
            raise ConnectionFailed("socket hang up", code="ECONNRESET") from error
