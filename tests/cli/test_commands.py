"""The command line, run as a user runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from sandtable.cli import main
from sandtable.settings.distribution import installed_version
from sandtable.settings.page import settings_page

pytestmark = pytest.mark.ours("the command line says what it does, and stops in good order")
ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "sandtable.cli"]


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith("SANDTABLE_") and k != "PORT"}
    return kept | more


class Running:
    """A `sandtable serve` in a process of its own."""

    def __init__(self, arguments: tuple[str, ...], more: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(**more),
        )
        self.ready = self.url = ""

    def wait(self) -> Running:
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline().strip()
        found = re.match(r"ready at (\S+)", self.ready)
        assert found is not None, self.process.stderr.read() if self.process.stderr else self.ready
        self.url = found.group(1)
        return self

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, errors = self.process.communicate()
        return self.process.returncode, errors


@pytest.fixture
def serve() -> Iterator[Callable[..., Running]]:
    """Start a server with these arguments and environment, and return it once it is ready."""
    started: list[Running] = []

    def start(*arguments: str, **more: str) -> Running:
        started.append(Running(arguments, more))
        return started[-1].wait()

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_and_stop(serve: Callable[..., Running], number: int) -> None:
    server = serve("--port", "0", "--log", "json")
    assert "admin / admin" in server.ready
    assert "elastic.integration / elastic-integration" in server.ready
    answer = requests.get(f"{server.url}/api/now/table/incident?sysparm_limit=1", auth=("admin", "admin"))
    assert answer.status_code == 200
    health = CliRunner().invoke(main, ["health", server.url, "--json"])
    assert (health.exit_code, json.loads(health.output)["ready"]) == (0, True)
    status, errors = server.stop(number)
    assert status == 0
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    assert [line["target"] for line in lines] == ["/api/now/table/incident?sysparm_limit=1"], "probes are not logged"
    assert CliRunner().invoke(main, ["health", server.url]).exit_code == 1


def test_port_from_the_environment(serve: Callable[..., Running]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = serve(PORT=str(port))
    assert server.url == f"http://127.0.0.1:{port}"
    taken = subprocess.run([*COMMAND, "serve"], capture_output=True, text=True, env=environment(PORT=str(port)))
    assert taken.returncode != 0
    assert f"port {port}" in taken.stderr
    assert "--port" in taken.stderr
    assert "Traceback" not in taken.stderr


def test_changed_passwords_and_an_empty_instance(serve: Callable[..., Running]) -> None:
    server = serve("--port", "0", "--empty", "--admin-password", "hunter2", "--log", "off")
    assert "hunter2" not in server.ready
    assert "elastic" not in server.ready
    path = f"{server.url}/api/now/table/sys_user?user_name=elastic.integration"
    assert requests.get(path, auth=("admin", "hunter2")).json()["result"] == []
    assert requests.get(path, auth=("admin", "admin")).status_code == 401
    health = f"{server.url}/api/x_elas2_inc_int/elastic_api/health"
    assert requests.get(health, auth=("admin", "hunter2")).status_code == 404


def test_a_data_file_keeps_what_was_answered(serve: Callable[..., Running], tmp_path: Path) -> None:
    data = tmp_path / "instance.db"
    first = serve("--port", "0", "--data", str(data))
    table = "/api/now/table/incident"
    made = requests.post(first.url + table, auth=("admin", "admin"), json={"short_description": "durable"})
    first.process.kill()
    first.process.communicate()
    second = serve("--port", "0", "--data", str(data))
    found = requests.get(f"{second.url}{table}/{made.json()['result']['sys_id']}", auth=("admin", "admin"))
    assert found.json()["result"]["short_description"] == "durable"


def test_a_warning_when_others_can_reach_default_passwords() -> None:
    from sandtable.cli.serving.beginning import exposure_warnings
    from sandtable.serving.assembly import create_instance
    from sandtable.settings.settings import Settings

    instance = create_instance(random_seed=1)
    everything = exposure_warnings(Settings(host="0.0.0.0"), instance)
    assert [any(words in each for each in everything) for words in ("--admin-password", "--no-sample-logins")] == [
        True
    ] * 2
    assert any("--plane-token" in each for each in everything)
    own = {"admin_password": "a", "integration_password": "b", "plane_token": "c"}
    (samples,) = exposure_warnings(Settings(host="0.0.0.0", **own), instance)
    assert "11 more" not in samples
    assert " more sign in with their own name" in samples
    closed = create_instance(random_seed=1, sample_logins=False)
    assert exposure_warnings(Settings(host="0.0.0.0", **own), closed) == []
    assert exposure_warnings(Settings(), instance) == []


def test_strict_mode(serve: Callable[..., Running]) -> None:
    server = serve("--port", "0", "--strict")
    path = f"{server.url}/api/now/table/incident?sysparm_orderby=number"
    assert requests.get(path, auth=("admin", "admin")).status_code == 501


def test_show_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDTABLE_NAME", "acme")
    shown = CliRunner().invoke(main, ["serve", "--port", "1", "--property", "a=b=c", "--show-settings"])
    assert shown.exit_code == 0, shown.output
    values = json.loads(shown.output)
    assert (values["port"], values["name"], values["properties"]) == (1, "acme", {"a": "b=c"})


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["serv"], "Did you mean 'serve'"),
        (["nonsense"], "sandtable --help"),
        (["serve", "--prot", "1"], "--port"),
        (["serve", "--property", "x"], "NAME=VALUE"),
        (["serve", "--log", "yaml"], "text"),
        (["serve", "--host", ""], "127.0.0.1 is this machine alone"),
        (["serve", "--scale", "3"], "set demo_data too"),
        (["serve", "--name", "no such"], "name must be"),
        (["serve", "--config", "/nosuch.toml"], "/nosuch.toml cannot be read"),
        (["serve", "--port", "99999"], "between 0 and 65535"),
        (["health", "localhost"], "http://"),
        (["reset", "--world", "caf\udce9"], "'caf\\udce9' holds '\\udce9'"),
        (["reset", "--token", "\N{EURO SIGN}"], "'\N{EURO SIGN}' holds '\N{EURO SIGN}', which can stand"),
        (["completion", "tcsh"], "bash"),
    ],
)
def test_wrong_use_names_the_fix(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_help_lists_the_commands() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    assert [name for name in ("serve", "health", "version", "completion") if name not in text] == []


def test_version() -> None:
    found = json.loads(CliRunner().invoke(main, ["version", "--json"]).output)
    assert set(found) == {"sandtable", "flask", "orjson", "apsw", "python"}
    assert CliRunner().invoke(main, ["version"]).output.startswith("sandtable ")


def test_what_a_server_cannot_begin_with_is_named_once_with_the_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "empty.toml": "",
        "empty.csv": "",
        "text.pem": "x",
        "own.json": '{"incident": [{"u_x": 1}]}',
    }.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    for arguments, words in {
        ("--load", "nofile"): "--load nofile: is not there",
        ("--load", "empty.csv"): "--load empty.csv: is empty; the first line names the columns, each further one",
        ("--load", "own.json"): "`sandtable load --unknown create` makes it",
        ("--stubs", "empty.toml"): "empty.toml declares nothing; each endpoint is a table [[stub]]",
        ("--stubs", "binary.toml"): "binary.toml is not TOML: it is no text in UTF-8",
        ("--data", "nosuch/a.db"): "nosuch/a.db cannot be used as a data file: there is no folder nosuch",
        ("--tls-certificate", "text.pem", "--tls-key", "text.pem"): "they are no certificate in PEM and its key",
        ("--host", "192.0.2.1"): "port 0: Cannot assign requested address; choose another with --host or --port",
    }.items():
        result = CliRunner().invoke(main, ["serve", "--port", "0", *arguments])
        assert (result.exit_code, result.output.startswith("Error: ")) == (1, True), arguments
        assert words in result.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    assert "_SANDTABLE_COMPLETE" in CliRunner().invoke(main, ["completion", shell]).output


def test_the_settings_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page()


def test_starting_imports_nothing_heavy() -> None:
    """What is slow to import must not be loaded by `serve`; the list of what is loaded is asked of a fresh process."""
    script = (
        "import sys; import sandtable.cli.serving.serve, sandtable.web.app;"
        "import sandtable.serving.assembly, sandtable.serving.server;"
        "print(*[name for name in ('pydantic', 'rich', 'requests', 'faker', 'hypothesis', 'pytest', 'yaml')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment())
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr


def test_waiting_for_health() -> None:
    began = time.monotonic()
    result = CliRunner().invoke(main, ["health", "http://127.0.0.1:9", "--wait", "0.2"])
    assert result.exit_code == 1
    assert time.monotonic() - began >= 0.2


def test_the_version_is_an_option_too() -> None:
    told = CliRunner().invoke(main, ["--version"])
    assert (told.exit_code, told.output) == (0, f"sandtable {installed_version()}\n")


def test_summaries_are_never_cut() -> None:
    for words in ([], ["faults"], ["snapshot"], ["worlds"], ["explain"], ["oauth"], ["app"]):
        shown = CliRunner().invoke(main, [*words, "--help"], terminal_width=80).output
        summaries = shown.partition("Commands:")[2].partition("Options can be")[0]
        assert "..." not in summaries, shown
