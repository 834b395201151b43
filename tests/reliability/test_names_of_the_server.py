"""A server for this machine alone offers its test plane by its own names, and to no page that leads here by another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.reliability.raw import exchanged, statuses

from sandtable.serving.assembly import make_worlds
from sandtable.serving.server import Server
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app

pytestmark = pytest.mark.ours("on a loopback address the test plane answers by loopback names and those it was given")
OWN = Settings(base_url="https://acme.example.com", proxy=0, tls_names="other.example.org")


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, Server]]:
    worlds = make_worlds(Settings())
    worlds.create("test-7")
    everywhere = Settings(host="0.0.0.0")
    apps = {"own": create_app(worlds, OWN), "plain": create_app(worlds), "exposed": create_app(worlds, everywhere)}
    servers = {name: Server(app).start() for name, app in apps.items()}
    yield servers
    for server in servers.values():
        server.stop()


def asked(server: Server, host: str, path: str = "/_sandtable/requests") -> int:
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    (status,) = statuses(exchanged(server.url, head.encode()))
    return status


NAMES = ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.2:80", "[::1]:8080", "test-7.localhost", "a.localhost."]
GIVEN = ["acme.example.com", "acme.service-now.com", "test-7.acme.example.com", "other.example.org:8443"]
OTHERS = ["evil.example.com", "localhost.example.com", "127.0.0.1.example.com", "test-7.example.com", "10.0.0.1"]


@pytest.mark.parametrize("host", NAMES)
def test_names_of_the_machine(served: dict[str, Server], host: str) -> None:
    assert asked(served["plain"], host) == 200


@pytest.mark.parametrize("host", GIVEN)
def test_names_that_it_was_given(served: dict[str, Server], host: str) -> None:
    assert asked(served["own"], host) == 200
    assert asked(served["plain"], host) == 403


@pytest.mark.parametrize("host", OTHERS)
def test_other_names(served: dict[str, Server], host: str) -> None:
    assert asked(served["plain"], host) == 403
    assert asked(served["own"], host) == 403
    # Who asks for the health of the server learns nothing, and who listens everywhere cannot know all its names.
    assert asked(served["plain"], host, "/_sandtable/health/live") == 200
    assert asked(served["exposed"], host) == 200
