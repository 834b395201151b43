"""One instance and one live server for all wire tests; each test gets the instance as it was at the start, twice:
once in process and once over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from tests.instances import lent

from sandtable.core.applications.jobs import run_due_jobs
from sandtable.core.platform.instance import Instance
from sandtable.library.in_process import WSGIAdapter
from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

ADMIN = ("admin", "admin")
IN_PROCESS_URL = "http://dev00000.example.com"


class Wire:
    """A client of the instance: plain calls forget cookies between each other, `session()` keeps them."""

    def __init__(self, base_url: str, adapter: WSGIAdapter | None) -> None:
        self.base_url = base_url
        self._adapter = adapter
        self._open: list[requests.Session] = []

    def session(self, user: str = "", password: str = "") -> requests.Session:
        """Return a new session with the user's Basic credentials, or with none."""
        session = requests.Session()
        session.trust_env = False
        if self._adapter is not None:
            session.mount("http://", self._adapter)
        if user:
            session.auth = (user, password)
        self._open.append(session)
        return session

    def request(
        self, method: str, path: str, *, auth: tuple[str, str] | None = ADMIN, **options: Any
    ) -> requests.Response:
        """Send one request from a client without cookies; `path` may hold characters a URL should not."""
        with self.session() as session:
            asked = requests.Request(method, self.base_url, auth=auth, **options)
            prepared = session.prepare_request(asked)
            query = (prepared.url or "").partition("?")[2]
            joined = ("&" if "?" in path else "?") + query if query else ""
            prepared.url = f"{self.base_url}{path}{joined}"
            return session.send(prepared, allow_redirects=False)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> requests.Response:
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> requests.Response:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        return self.request("DELETE", path, **options)

    def close(self) -> None:
        for session in self._open:
            session.close()


@pytest.fixture(scope="session")
def shared_instance() -> Instance:
    made = create_instance(random_seed=1)
    run_due_jobs(made)  # once here, and not with the first request of each test
    return made


@pytest.fixture(scope="session")
def app(shared_instance: Instance) -> Any:
    return create_app(Worlds(shared_instance))


@pytest.fixture(scope="session")
def server(app: Any) -> Iterator[Server]:
    with Server(app) as running:
        yield running


@pytest.fixture
def instance(shared_instance: Instance) -> Iterator[Instance]:
    """The instance, as it was when it was made."""
    with lent(shared_instance):
        yield shared_instance


@pytest.fixture(params=["in-process", "live"])
def wire(request: pytest.FixtureRequest, app: Any, instance: Instance) -> Iterator[Wire]:
    """A client of the instance; each test that asks for it runs in process and over a socket."""
    if request.param == "live":
        client = Wire(request.getfixturevalue("server").url, None)
    else:
        client = Wire(IN_PROCESS_URL, WSGIAdapter(app))
    yield client
    client.close()


@pytest.fixture
def doors(app: Any, instance: Instance, server: Server) -> Iterator[tuple[Wire, Wire]]:
    """Two clients of the one instance: in process, and over a socket."""
    in_process, live = Wire(IN_PROCESS_URL, WSGIAdapter(app)), Wire(server.url, None)
    yield in_process, live
    in_process.close()
    live.close()
