"""Real clients against one instance over a real socket: HTTPS by the development CA, and plain HTTP for those that can.

Each test says with `@pytest.mark.exercises(client, what)` which client it runs and what of it; one with `gap` shows
something that the client cannot do here, and why. `--compatibility-report FILE` writes what happened, for
`docs/generate_compatibility.py`.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandtable.assembly import create_instance
from sandtable.core.instance import Instance
from sandtable.server import Server
from sandtable.tls.authority import open_authority
from sandtable.tls.contexts import HostCertificates
from sandtable.web.app import create_app
from sandtable.worlds import Worlds

# Test-only credentials.
CLIENT_ID, CLIENT_SECRET = "c0ffee00c0ffee00c0ffee00c0ffee00", "test-only-secret"
RECORDS = 37


@dataclass(frozen=True)
class Running:
    """An instance that answers over HTTPS and over HTTP, and the CA file that its certificate hangs on."""

    instance: Instance
    https: str
    http: str
    ca_file: str

    @property
    def host(self) -> str:
        return self.http.removeprefix("http://")

    @property
    def secure_host(self) -> str:
        return self.https.removeprefix("https://")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    instance = create_instance(seed=1)
    authority = open_authority(tmp_path_factory.mktemp("ca"))
    context = HostCertificates(authority, ("localhost", "127.0.0.1")).context
    app = create_app(Worlds(instance))
    with Server(app, tls=context) as secure, Server(app) as plain:
        instance.base_url = ""
        yield Running(instance, secure.url, plain.url, str(authority.certificate_path))


@pytest.fixture
def running(servers: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The instance as it was at first, with a few dozen incidents; clients that read the environment find the CA."""
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, servers.ca_file)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    snapshot = servers.instance.snapshot()
    with servers.instance.transaction():
        admin = servers.instance.acting_as("admin")
        for number in range(RECORDS):
            admin.table("incident").insert(
                {
                    "short_description": f"compat {number:02}",
                    "impact": str(number % 3 + 1),
                    "urgency": "2",
                    "caller_id": admin.user_sys_id,
                    "comments": f"comment {number}",
                }
            )
        admin.table("oauth_entity").insert(
            {
                "name": "Compatibility tests",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "active": "true",
                "type": "client",
                "user": admin.user_sys_id,
            }
        )
    yield servers
    servers.instance.restore(snapshot)
    servers.instance.release(snapshot)


# the report ----------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--compatibility-report", metavar="FILE", help="write what the real clients did as JSON")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "exercises(client, what, gap=''): which real client a test runs, and what of it")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    mark = item.get_closest_marker("exercises")
    if mark is None or (report.when != "call" and report.passed):
        return
    rows: list[dict[str, str]] = item.config.stash.setdefault(ROWS, [])
    client, what = mark.args
    rows.append(
        {
            "client": client,
            "version": version_of(client, item),
            "what": what,
            "result": report.outcome,
            "gap": mark.kwargs.get("gap", ""),
        }
    )


ROWS: pytest.StashKey[list[dict[str, str]]] = pytest.StashKey()
VERSIONS: pytest.StashKey[dict[str, str]] = pytest.StashKey()


def version_of(client: str, item: pytest.Item) -> str:
    """Return the version of a client: as noted by its test, else as installed here."""
    noted = item.config.stash.get(VERSIONS, {}).get(client)
    if noted:
        return noted
    try:
        return importlib.metadata.version(client)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def pytest_sessionfinish(session: pytest.Session) -> None:
    file = session.config.getoption("--compatibility-report")
    if file:
        rows = session.config.stash.get(ROWS, [])
        content = {"python": platform.python_version(), "rows": rows}
        Path(str(file)).write_text(json.dumps(content, indent=1), encoding="utf-8")
