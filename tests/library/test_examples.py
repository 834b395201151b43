"""The examples are run as their readers run them."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from sandtable.settings.settings import load_settings

pytestmark = pytest.mark.ours("what the examples show works as it is printed")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PYTHON_FILES = sorted(path.name for path in EXAMPLES.glob("*.py"))


def plain(**more: str) -> dict[str, str]:
    """Return an environment without settings of this tool, and without a proxy between here and here."""
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(("SANDTABLE_", "PYTEST")) and k != "PORT"}
    return kept | {"NO_PROXY": "127.0.0.1,localhost"} | more


class Served:
    """`sandtable serve` in a process of its own, as an image does it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandtable.cli", "serve"],
            stdout=subprocess.PIPE,
            text=True,
            env=plain(**{"PORT": "0", "SANDTABLE_LOG": "off", **environment}),
        )
        assert self.process.stdout is not None
        found = re.match(r"ready at http://127\.0\.0\.1:(\d+) ", self.process.stdout.readline())
        assert found is not None
        self.port = int(found.group(1))

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.communicate()


@pytest.fixture
def started() -> Iterator[list[Served]]:
    """The servers of a test, which are stopped afterwards."""
    servers: list[Served] = []
    yield servers
    for server in servers:
        server.stop()


def code_lines(path: Path, name: str) -> int:
    """Return how many lines of code a function has, decorators and docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def test_they_are_as_short_as_we_say() -> None:
    whole = (EXAMPLES / "test_client.py").read_text(encoding="utf-8").split("\n\n\n")
    first = [line for line in whole[0].splitlines()[1:] + whole[1].splitlines() if line.strip()]
    assert len(first) <= 10
    assert code_lines(EXAMPLES / "test_in_process.py", "test_opens_an_incident_without_a_socket") <= 5


def test_the_service_of_the_workflow(started: list[Served]) -> None:
    """The image is not pulled here; what it would run is started with the settings of the service instead."""
    (job,) = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text(encoding="utf-8"))["jobs"].values()
    (service,) = job["services"].values()
    assert set(service) <= {"image", "env", "ports", "credentials", "options", "volumes"}
    text = (EXAMPLES / "github-actions.yml").read_text(encoding="utf-8")
    section = text[text.index("    services:") : text.index("    env:")]
    assert len(section.splitlines()) <= 5
    outside, inside = service["ports"][0].split(":")
    assert load_settings(environ=service.get("env", {})).port == int(inside)
    assert job["env"]["SERVICENOW_URL"] == f"http://localhost:{outside}"

    started.append(Served(service.get("env", {})))
    here = f"http://localhost:{started[0].port}"
    steps = [step["run"] for step in job["steps"] if "run" in step]
    assert steps
    for step in steps:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", step], capture_output=True, text=True, env=plain(SERVICENOW_URL=here)
        )
        assert done.returncode == 0, done.stderr
    found = requests.get(f"{here}/api/now/table/incident", auth=("admin", "admin"))
    assert [each["urgency"] for each in found.json()["result"]] == ["1"]


class Engine:
    """As much of a container engine as testcontainers uses: a container is a process here."""

    def __init__(self, started: list[Served]) -> None:
        self._started = started
        self.client = self
        self.environment: dict[str, str] = {}
        self.id, self.short_id = "1", "1"
        self.image = ""

    def create(self, image: str, environment: dict[str, str], ports: dict[str, Any], **_: Any) -> Engine:
        self.image, self.environment, self.ports = image, environment, ports
        return self

    def start(self, container: Engine) -> None:
        self._started.append(Served(container.environment))

    def port(self, container_id: str, port: int) -> str:
        assert str(port) in self.ports
        return str(self._started[-1].port)

    def host(self) -> str:
        return "127.0.0.1"

    def get_connection_mode(self) -> Any:
        from testcontainers.core.config import ConnectionMode

        return ConnectionMode.docker_host

    def reload(self) -> None:
        """A process is always as it is."""

    @property
    def status(self) -> str:
        return "running"

    def remove(self, **_: Any) -> None:
        self._started[-1].stop()

    def close(self) -> None:
        """Nothing is held open."""


def test_the_container_class(started: list[Served], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("testcontainers", reason="testcontainers is not installed")
    from testcontainers.core import container as containers
    from testcontainers.core.config import testcontainers_config

    engine = Engine(started)
    monkeypatch.setattr(containers, "DockerClient", lambda **_: engine)
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.syspath_prepend(str(EXAMPLES))
    from incident_client import IncidentClient
    from servicenow_container import ServiceNowContainer

    with ServiceNowContainer(admin_password="chosen", random_seed="42", plane_token="chosen-too") as servicenow:
        assert engine.image == "sandtable"
        client = IncidentClient(servicenow.url, *servicenow.admin)
        assert [client.open("disk full"), client.open("again")] == ["INC0010001", "INC0010002"]
        servicenow.reset()
        assert client.open("disk full") == "INC0010001"


def test_every_example_is_listed_and_run() -> None:
    listed = re.findall(r"^\| `([^`]+)`", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(
        path.name for path in EXAMPLES.iterdir() if path.is_file() and path.name != "README.md"
    )
    source = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in listed if name.removesuffix(".py") not in source] == []


@pytest.mark.parametrize("name", PYTHON_FILES)
def test_examples_are_utf8_and_compile(name: str) -> None:
    with tokenize.open(EXAMPLES / name) as stream:
        compile(stream.read(), name, "exec")
