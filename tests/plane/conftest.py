"""One server with the means to make worlds; each test gets a fresh world's test plane, in process and live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandtable.library.in_process import WSGIAdapter
from sandtable.library.plane_client import PlaneClient
from sandtable.serving.assembly import make_worlds
from sandtable.serving.server import Server
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import World, Worlds

ADMIN = ("admin", "admin")
IN_PROCESS_URL = "http://dev00000.example.com"


def pytest_configure(config: pytest.Config) -> None:
    # For requests made from the document of the plane; no other room pays for it.
    config.pluginmanager.import_plugin("schemathesis.pytest.plugin")


class Plane:
    """The test plane of the default world, the world itself, and a plain client of its instance."""

    def __init__(self, base_url: str, session: requests.Session, world: World, worlds: Worlds) -> None:
        self.base_url = base_url
        self.session = session
        self.world = world
        self.worlds = worlds
        self.control = PlaneClient(base_url, session=session)

    @property
    def instance(self) -> Any:
        return self.world.instance

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request to the instance, or to its plane, without cookies of earlier ones."""
        self.session.cookies.clear()
        options.setdefault("auth", ADMIN)
        return self.session.request(method, self.base_url + path, allow_redirects=False, **options)

    def raw(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request to the plane without credentials of the instance."""
        return self.call(method, f"/_sandtable{path}", auth=None, **options)

    def create(self, **values: str) -> str:
        """Insert an incident over the Table API, and return its sys_id."""
        answer = self.call("POST", "/api/now/table/incident", json={"short_description": "made", **values})
        sys_id: str = answer.json()["result"]["sys_id"]
        return sys_id

    def incidents(self) -> int:
        """Return how many incidents there are."""
        count: int = self.instance.system().table("incident").count()
        return count


@pytest.fixture(scope="session")
def worlds() -> Worlds:
    return make_worlds(Settings(random_seed=1))


@pytest.fixture(scope="session")
def app(worlds: Worlds) -> Any:
    return create_app(worlds)


@pytest.fixture(scope="session")
def server(app: Any) -> Iterator[Server]:
    with Server(app, threads=32) as running:
        yield running


@pytest.fixture(params=["in-process", "live"])
def plane(request: pytest.FixtureRequest, app: Any, worlds: Worlds) -> Iterator[Plane]:
    world = worlds.world(worlds.default.name)
    world.reset()
    for saved in world.snapshots.all():
        world.snapshots.remove(saved.name)
    with requests.Session() as session:
        session.trust_env = False
        if request.param == "live":
            yield Plane(request.getfixturevalue("server").url, session, world, worlds)
        else:
            session.mount("http://", WSGIAdapter(app))
            yield Plane(IN_PROCESS_URL, session, world, worlds)
    for name in worlds.names()[1:]:
        worlds.drop(name)
    world.reset()
