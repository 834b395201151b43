"""Real clients against one instance over a real socket: HTTPS by the development CA, and plain HTTP for those that can.

Each test says with `@pytest.mark.exercises(client, what)` which client it runs and what of it; one with `gap` shows
something that the client cannot do here, and why. `--compatibility-report FILE` writes what happened, for
`docs/generate_compatibility.py`.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandtable.core.applications.jobs import run_due_jobs
from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance
from sandtable.serving.proxy import ConnectProxy
from sandtable.serving.server import Server
from sandtable.serving.tls.authority import open_authority
from sandtable.serving.tls.contexts import HostCertificates
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

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
    instance = create_instance(random_seed=1)
    run_due_jobs(instance)  # once here, and not with the first request of each test
    authority = open_authority(tmp_path_factory.mktemp("ca"))
    context = HostCertificates(authority, ("localhost", "127.0.0.1"), ("*.service-now.com",)).context
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


@pytest.fixture
def named(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the instance by its name, through the proxy, for clients that take no other."""
    address, _, port = running.secure_host.rpartition(":")
    with ConnectProxy((address, int(port))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        yield "https://acme.service-now.com"


@dataclass(frozen=True)
class Drivers:
    """Starts clients that run outside this interpreter, and enters what came of their steps in the report."""

    rows: list[dict[str, str]]

    def run(self, client: str, command: list[str], gaps: Mapping[str, str]) -> dict[str, str]:
        """Run a driver, which prints its version and its steps as JSON; return the steps that went wrong.

        `gaps` says why a step cannot succeed: such a step must go wrong, or the gap is none any more.
        """
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        printed = json.loads(done.stdout.strip().splitlines()[-1])
        wrong = {}
        for step, complaint in printed["steps"].items():
            gap = gaps.get(step, "")
            passed = bool(complaint) == bool(gap)
            if not passed:
                wrong[step] = complaint or f"works, although it is listed as a gap: {gap}"
            result = "passed" if passed else "failed"
            row = {"client": client, "version": printed["version"], "what": step, "result": result, "gap": gap}
            self.rows.append(row)
        assert set(gaps) <= set(printed["steps"])
        return wrong


@pytest.fixture
def drivers(request: pytest.FixtureRequest) -> Drivers:
    return Drivers(request.config.stash.setdefault(ROWS, []))


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
    if mark is None or not mark.args or (report.when != "call" and report.passed):
        return
    rows: list[dict[str, str]] = item.config.stash.setdefault(ROWS, [])
    client, what = mark.args
    rows.append(
        {
            "client": client,
            "version": version_of(client),
            "what": what,
            "result": report.outcome,
            "gap": mark.kwargs.get("gap", ""),
        }
    )


ROWS: pytest.StashKey[list[dict[str, str]]] = pytest.StashKey()


def version_of(client: str) -> str:
    """Return the version of a client that is installed here, from PyPI or with the machine."""
    if client == "curl":
        said = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=False).stdout.split()
        return said[1] if len(said) > 1 else "not installed"
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
