"""An instance without a socket: a `requests` transport onto the WSGI application.

The request target, duplicate headers and cookies arrive as they would over a socket, and connection faults surface as
the exceptions that `requests` raises for a real connection.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPHeaderDict, HTTPResponse, Timeout

from sandtable.serving.exchange import Answer, MemoryConnection, answer_from

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.moments import Snapshot

__all__ = [
    "DEFAULT_URL",
    "MemoryConnection",
    "RehearsalInstance",
    "WSGIAdapter",
    "app_for",
    "pooled_response",
    "read_timeout",
    "rehearsal_instance",
    "session_for",
]
DEFAULT_URL = "https://dev00000.service-now.com"


class WSGIAdapter(BaseAdapter):
    """A transport that answers requests by calling a WSGI application in this thread.

    Of time-outs only the one for reading applies, and only to the waiting that faults ask for.
    """

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self._app = app

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer one prepared request.

        Raises requests.ConnectionError when a fault cuts the connection, and requests.ReadTimeout when one makes the
        client wait for longer than its time-out.
        """
        method, headers = request.method or "GET", request.headers.items()
        try:
            answer = answer_from(
                self._app, method, request.url or "", headers, request.body, timeout=read_timeout(timeout)
            )
        except TimeoutError as error:
            raise requests.ReadTimeout(error, request=request) from None
        except OSError as error:
            raise requests.ConnectionError(("Connection aborted.", error), request=request) from None
        return _Answered(self, request, answer, stream=stream)

    def close(self) -> None:
        """Nothing is held open."""


class _Answered(requests.Response):
    """An answer as `requests` builds it, except that cookies and urllib3's view of it are made when looked at."""

    _raw: Any = None
    _jar: RequestsCookieJar | None = None

    def __init__(
        self, adapter: BaseAdapter, request: requests.PreparedRequest, answer: Answer, *, stream: bool
    ) -> None:
        self._answer = answer
        super().__init__()
        self.status_code, self.reason = answer.status, answer.reason
        self.headers = CaseInsensitiveDict(_joined(answer.headers))
        self.encoding = get_encoding_from_headers(self.headers)
        self.request, self.url = request, request.url or ""
        self.connection = adapter  # type: ignore[assignment]
        if not stream and answer.broken is None and "content-encoding" not in self.headers:
            self._content, self._content_consumed = answer.body, True

    @property
    def raw(self) -> Any:
        """The answer as a connection pool of urllib3 hands it out."""
        if self._raw is None:
            self._raw = pooled_response(self._answer, self.request.method or "GET")
        return self._raw

    @raw.setter
    def raw(self, value: Any) -> None:
        self._raw = value

    @property
    def cookies(self) -> RequestsCookieJar:
        """The cookies that came with the answer."""
        if self._jar is None:
            self._jar = RequestsCookieJar()
            extract_cookies_to_jar(self._jar, self.request, self.raw)  # type: ignore[no-untyped-call]
        return self._jar

    @cookies.setter
    def cookies(self, value: RequestsCookieJar) -> None:
        # The one that the constructor of `requests` sets is empty.
        self._jar = value if len(value) else None


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name, as first written; several values of one name stand beside each other."""
    names: dict[str, str] = {}
    joined: dict[str, str] = {}
    for name, value in headers:
        name = names.setdefault(name.lower(), name)
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def read_timeout(timeout: Any) -> float | None:
    """Return the seconds to wait for an answer, from a time-out in any form that `requests` takes."""
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    found = timeout.read_timeout if isinstance(timeout, Timeout) else timeout
    return float(found) if isinstance(found, int | float) else None


def pooled_response(answer: Answer, method: str) -> HTTPResponse:
    """Return an answer in the form in which a urllib3 connection pool hands it out, its body still to be read."""
    message = http.client.HTTPMessage()
    listed = HTTPHeaderDict()
    for name, value in answer.headers:
        message[name] = value
        listed.add(name, value)
    return HTTPResponse(
        body=answer.stream(),
        headers=listed,
        status=answer.status,
        version=11,
        reason=answer.reason,
        preload_content=False,
        decode_content=False,
        request_method=method,
        original_response=_Original(message),  # type: ignore[arg-type]
    )


class _Original:
    """As much of http.client.HTTPResponse as the cookie jar and urllib3 look at."""

    def __init__(self, message: http.client.HTTPMessage) -> None:
        self.msg = message

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is held open."""


def session_for(target: Instance | WSGIApplication, base_url: str = DEFAULT_URL) -> requests.Session:
    """Return a requests.Session whose calls to `base_url` are answered in this process; all other hosts are refused."""
    app = target if callable(target) else app_for(target)
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _Refusing())
    session.mount("http://", _Refusing())
    session.mount(base_url.rstrip("/"), WSGIAdapter(app))
    return session


def app_for(instance: Instance) -> WSGIApplication:
    """Return the web application in front of an instance."""
    from sandtable.web.app import create_app
    from sandtable.web.worlds.worlds import Worlds

    return create_app(Worlds(instance))


class _Refusing(BaseAdapter):
    """Refuses every host but the simulated one, so that a test cannot reach the network by mistake."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        raise requests.ConnectionError(f"{request.url} is not the simulated instance", request=request)

    def close(self) -> None:
        """Nothing is held open."""


class RehearsalInstance:
    """A fresh instance for scenario runs: `base_url`, and `session()` for a requests.Session onto it.

    `mark()` remembers the present state and `go_back()` returns to it, again and again, in about a millisecond.
    """

    def __init__(self, instance: Instance, base_url: str = DEFAULT_URL) -> None:
        from sandtable.web.app import create_app
        from sandtable.web.worlds.worlds import Worlds

        self.instance = instance
        self.base_url = base_url
        worlds = Worlds(instance)
        self._world = worlds.world(instance.name)
        self._app = create_app(worlds)
        self._mark: Snapshot | None = None

    def mark(self) -> None:
        """Remember the present state in the place of the one remembered before."""
        if self._mark is not None:
            self.instance.release(self._mark)
        self._mark = self.instance.snapshot()

    def go_back(self) -> None:
        """Return to the marked state, with an empty request journal; sessions end. ValueError when there is none."""
        if self._mark is None:
            raise ValueError("there is no marked state to go back to; call mark() first")
        with self.instance.visits.going_back():
            self.instance.restore(self._mark)
            self._world.sessions.end_all()
            self._world.journal.clear()

    def close(self) -> None:
        """Let go of the instance's store."""
        self.instance.close()

    def session(self) -> requests.Session:
        """Return a new session without cookies."""
        return session_for(self._app, self.base_url)


class ListeningInstance(RehearsalInstance):
    """A rehearsal instance that also listens on a free port of this machine, for connectors that are programs."""

    def __init__(self, instance: Instance) -> None:
        from sandtable.serving.server import Server

        super().__init__(instance)
        self._server = Server(self._app).start()
        self.base_url = self._server.url

    def session(self) -> requests.Session:
        """Return a new session without cookies that goes over the socket."""
        session = requests.Session()
        session.trust_env = False
        return session

    def close(self) -> None:
        """Stop listening, and let go of the instance's store."""
        self._server.stop()
        super().close()


def listening_instance() -> ListeningInstance:
    """Return a new instance with the default applications and users that listens on 127.0.0.1 until it is closed."""
    from sandtable.serving.assembly import create_instance

    return ListeningInstance(create_instance())


def rehearsal_instance() -> RehearsalInstance:
    """Return a new instance with the default applications and users, reachable only through its session."""
    from sandtable.serving.assembly import create_instance

    return RehearsalInstance(create_instance())
