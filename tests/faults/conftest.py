"""One server for all fault tests; each test gets the world as it began, and runs once in process and once live."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandtable.core.applications.jobs import run_due_jobs
from sandtable.core.platform.instance import Instance
from sandtable.library.in_process import WSGIAdapter
from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import World, Worlds

ADMIN = ("admin", "admin")
IN_PROCESS_URL = "http://dev00000.example.com"


class Client:
    """A plain HTTP client, and the world at the other end."""

    def __init__(self, base_url: str, session: requests.Session, world: World) -> None:
        self.base_url = base_url
        self.session = session
        self.world = world
        self.live = base_url != IN_PROCESS_URL

    @property
    def instance(self) -> Instance:
        return self.world.instance

    def plan(self, fault: str, parameters: dict[str, Any] | None = None, **rule: Any) -> str:
        """Plan a fault, and return its id."""
        return self.world.faults.add({"fault": fault, "with": parameters or {}, **rule}).id

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request without cookies of earlier ones."""
        self.session.cookies.clear()
        options.setdefault("auth", ADMIN)
        return self.session.request(method, self.base_url + path, allow_redirects=False, **options)

    def incidents(self) -> int:
        """Return how many incidents there are."""
        return self.instance.system().table("incident").count()

    def create(self, **options: Any) -> requests.Response:
        """Send the insert of one incident."""
        return self.call("POST", "/api/now/table/incident", json={"short_description": "made"}, **options)

    def settle(self) -> None:
        """Wait until the instance is done with every request, those that the client has given up included."""
        while any(each.status is None for each in self.world.journal.entries()):
            threading.Event().wait(0.005)

    def listed(self, **options: Any) -> requests.Response:
        """Ask for incidents."""
        return self.call("GET", "/api/now/table/incident", **options)


@pytest.fixture(scope="session")
def worlds() -> Worlds:
    made = create_instance(random_seed=1)
    run_due_jobs(made)  # once here, and not with the first request of each test
    return Worlds(made)


@pytest.fixture(scope="session")
def app(worlds: Worlds) -> Any:
    return create_app(worlds)


@pytest.fixture(scope="session")
def server(app: Any) -> Iterator[Server]:
    with Server(app) as running:
        yield running


@pytest.fixture
def world(worlds: Worlds) -> Iterator[World]:
    """The world as it began."""
    found = worlds.world(worlds.default.name)
    found.reset()
    yield found
    found.reset()


@pytest.fixture(params=["in-process", "live"])
def client(request: pytest.FixtureRequest, app: Any, world: World) -> Iterator[Client]:
    with requests.Session() as session:
        session.trust_env = False
        if request.param == "live":
            yield Client(request.getfixturevalue("server").url, session, world)
        else:
            session.mount("http://", WSGIAdapter(app))
            yield Client(IN_PROCESS_URL, session, world)
