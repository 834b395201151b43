"""The test plane on the command line: the same verbs, readable and as JSON, with honest exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from sandtable.cli import main
from sandtable.serving.server import Server
from sandtable.web.worlds.worlds import World, Worlds

pytestmark = pytest.mark.ours("each verb of the test plane is a command, with --json and exit codes")


class Shell:
    """Runs `sandtable` commands against one server."""

    def __init__(self, url: str, world: World) -> None:
        self.url = url
        self.world = world

    def run(self, *arguments: str, code: int = 0, stdin: str | None = None) -> str:
        """Run a command, and return what it printed."""
        result = self.result(*arguments, stdin=stdin)
        assert result.exit_code == code, result.output
        return result.output

    def result(self, *arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, [*arguments, "--url", self.url], input=stdin)

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command with --json, and return what it printed."""
        return json.loads(self.run(*arguments, "--json", code=code))

    def create(self, **values: str) -> str:
        """Insert an incident over the Table API."""
        with requests.Session() as session:
            session.trust_env = False
            body = {"short_description": "made", **values}
            answer = session.post(f"{self.url}/api/now/table/incident", json=body, auth=("admin", "admin"))
        return str(answer.json()["result"]["sys_id"])


@pytest.fixture
def shell(server: Server, worlds: Worlds) -> Iterator[Shell]:
    world = worlds.world(worlds.default.name)
    world.reset()
    yield Shell(server.url, world)
    for saved in world.snapshots.all():
        world.snapshots.remove(saved.name)
    for name in worlds.names()[1:]:
        worlds.drop(name)
    world.reset()


def test_reset_and_repeatable_ids(shell: Shell) -> None:
    shell.run("reset", "--ids", "9")
    first = shell.create()
    assert shell.json("reset", "--ids", "9")["reset"] is True
    assert shell.create() == first
    assert "dev00000 is as it began" in shell.run("reset")


def test_seed_files(shell: Shell, tmp_path: Path) -> None:
    table = tmp_path / "incidents.csv"
    table.write_text("short_description,state\nfrom csv,1\n", encoding="utf-8")
    mixed = tmp_path / "mixed.json"
    mixed.write_text('{"incident": [{"short_description": "from json"}]}', encoding="utf-8")
    assert "incidents.csv: 1 inserted" in shell.run("load", str(table), "--table", "incident")
    (answer,) = shell.json("load", str(mixed))
    assert answer["inserted"] == 1
    assert "-: 1 inserted" in shell.run("load", "-", stdin='{"incident": [{"short_description": "piped"}]}')
    assert "incidents.csv: line 2: there is no table 'incidents'" in shell.run("load", str(table), code=2)
    table = table.rename(tmp_path / "incident.csv")
    assert "incident.csv: 1 inserted" in shell.run("load", str(table))
    table.write_text("short_descripton\nx\n", encoding="utf-8")
    refused = shell.run("load", str(mixed), str(table), code=2)
    assert f"{table}: line 2.short_descripton: is no column of incident" in refused
    assert f"(loaded before it: {mixed})" in refused
    assert "-: table: is missing" in shell.run("load", "-", stdin="a,b\n1,2\n", code=2)
    assert "cannot be read" in shell.run("load", str(tmp_path / "nothing.json"), code=2)


def test_snapshots(shell: Shell, tmp_path: Path) -> None:
    assert "no snapshots" in shell.run("snapshot", "list")
    assert "kept as a" in shell.run("snapshot", "take", "a")
    shell.create(correlation_id="later")
    assert "insert incident INC" in shell.run("snapshot", "diff", "a", "--table", "incident")
    assert shell.json("snapshot", "diff", "a", "--table", "incident")["total"] == 1
    place = tmp_path / "a.zip"
    shell.run("snapshot", "download", "a", str(place))
    shell.run("snapshot", "upload", "b", str(place))
    assert [each["name"] for each in shell.json("snapshot", "list")] == ["a", "b"]
    shell.run("snapshot", "restore", "b")
    assert "nothing differs" in shell.run("snapshot", "diff", "a", "b")
    assert shell.json("snapshot", "diff", "a", "--table", "incident")["total"] == 0
    shell.run("snapshot", "delete", "a")
    assert "there is no snapshot 'a'" in shell.run("snapshot", "restore", "a", code=1)


def test_a_file_that_is_no_snapshot(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("x")
    told = shell.run("snapshot", "upload", "a", str(tmp_path / "text"), code=2)
    assert "text: this is no ZIP archive" in told
    assert "send the file that `sandtable snapshot download` writes" in told


def test_the_clock(shell: Shell) -> None:
    assert shell.json("clock", "--freeze", "--set", "2026-01-01T00:00:00Z")["now"] == "2026-01-01T00:00:00.000Z"
    assert shell.run("clock", "--advance", "3600").startswith("2026-01-01T01:00:00.000Z, stopped")
    assert "10 times" in shell.run("clock", "--unfreeze", "--rate", "10")
    assert shell.json("clock", "--follow")["follows_real_time"] is True
    assert "is no time" in shell.run("clock", "--set", "soon", code=2)


def test_repeatable_ids(shell: Shell) -> None:
    assert shell.json("ids", "5") == {"random_seed": 5}
    first = shell.create()
    shell.run("reset")
    assert "number 5" in shell.run("ids", "5")
    assert shell.create() == first


def test_the_health_command_takes_the_url_as_the_others_do(shell: Shell) -> None:
    assert shell.json("health") == {"url": shell.url, "ready": True, "trouble": ""}
    assert "is ready" in shell.run("health", shell.url)
    assert "given twice" in shell.run("health", "http://127.0.0.1:9", code=2)


def test_requests_and_verification(shell: Shell) -> None:
    shell.create(correlation_id="seen")
    output = shell.run("requests", "--bodies")
    assert "POST /api/now/table/incident admin" in output
    assert "changed: insert incident INC" in output
    (entry,) = shell.json("requests", "--method", "POST")
    assert entry["status"] == 201
    assert "1 requests match, exactly 1 expected" in shell.run("verify", "--method", "POST", "--exactly", "1")
    output = shell.run("verify", "--method", "POST", "--body", '{"correlation_id": "other"}', code=1)
    assert "near miss" in output
    assert "body.correlation_id: expected 'other', was 'seen'" in output
    assert shell.json("verify", "--path", "/nothing", "--exactly", "0")["verified"] is True
    assert "takes JSON" in shell.run("verify", "--body", "{", code=2)
    assert "cannot be combined" in shell.run("verify", "--exactly", "1", "--at-least", "1", code=2)
    shell.run("requests", "--clear")
    assert "no requests" in shell.run("requests")


def test_faults(shell: Shell) -> None:
    assert "no faults" in shell.run("faults", "list")
    kinds = shell.run("faults", "kinds")
    assert "hibernating:" in kinds
    assert "wakes_after_calls:" in kinds
    planned = shell.json(
        "faults", "add", "unavailable", "--with", '{"status": 502}', "--times", "2", "--table", "incident"
    )
    assert planned["with"] == {"status": 502}
    assert planned["when"] == {"table": "incident"}
    shell.run("faults", "add", "rate-limited", "pass", "latency", "--after", "1")
    listed = shell.json("faults", "list")
    assert [each.get("fault") for each in listed] == ["unavailable", None]
    assert "fault-" in shell.run("faults", "list")
    shell.run("faults", "remove", planned["id"])
    shell.run("faults", "clear")
    assert shell.json("faults", "list") == []
    assert "one of clock-jump" in shell.run("faults", "add", "nonsense", code=2)
    assert "--with takes a JSON object such as" in shell.run("faults", "add", "latency", "--with", "5", code=2)


def test_the_ledger(shell: Shell) -> None:
    assert "nothing was asked for" in shell.run("unsimulated")
    with requests.Session() as session:
        session.trust_env = False
        session.get(f"{shell.url}/api/now/table/incident?sysparm_made_up=1", auth=("admin", "admin"))
    assert "sysparm_made_up" in shell.run("unsimulated")
    assert shell.json("unsimulated")[0]["name"] == "sysparm_made_up"
    shell.run("unsimulated", "--clear")
    assert shell.json("unsimulated") == []


def test_explanations(shell: Shell) -> None:
    sys_id = shell.create(urgency="2")
    output = shell.run("explain", "query", "incident", "urgency=1", "--record", sys_id)
    assert "these do not hold: urgency=1" in output
    assert shell.json("explain", "query", "incident", "urgency=2")["matching"] >= 1
    output = shell.run("explain", "origin", "https://a.example", "/api/now/table/incident")
    assert output.startswith("refused: no active CORS rule")
    output = shell.run("explain", "credentials", "--user", "admin", "--password", "wrong")
    assert "the password of the user 'admin'" in output
    output = shell.run("explain", "credentials", "--user", "admin", "--password", "-", stdin="admin\n")
    assert "accepted as admin" in output


def test_worlds(shell: Shell) -> None:
    assert shell.json("worlds", "create", "one", "--ids", "4")["path"] == "/_worlds/one"
    shell.run("worlds", "fork", "one", "two")
    assert {each["name"] for each in shell.json("worlds", "list")} == {"dev00000", "one", "two"}
    assert "two is as it began" in shell.run("reset", "--world", "two")
    shell.run("worlds", "drop", "one")
    assert "no world is called" in shell.run("worlds", "drop", "one", code=1)
    assert "there is no world 'nothing'" in shell.run("reset", "--world", "nothing", code=1)


def test_nobody_there_and_no_url() -> None:
    result = CliRunner().invoke(main, ["reset", "--url", "http://127.0.0.1:9"])
    assert result.exit_code == 3
    assert "nobody answers at http://127.0.0.1:9" in result.output
    result = CliRunner().invoke(main, ["reset", "--url", "localhost:8080"])
    assert result.exit_code == 2
    assert "is no URL" in result.output


@pytest.mark.parametrize(
    "arguments",
    [["reset"], ["requests"], ["app", "list"], ["health"], ["doctor", "--user", "u", "--password", "p"]],
    ids=lambda arguments: arguments[0],
)
def test_the_instance_of_the_environment(arguments: list[str]) -> None:
    def run(url: str, *more: str) -> str:
        return CliRunner(env={"SANDTABLE_URL": url}).invoke(main, [*arguments, *more]).output

    assert "127.0.0.1:9" in run("http://127.0.0.1:9")
    if arguments[0] != "doctor":
        assert "127.0.0.1:7" in run("http://127.0.0.1:9", "--url", "http://127.0.0.1:7")
    assert "SANDTABLE_URL 'localhost:9' is no URL" in run("localhost:9") or arguments[0] in ("health", "doctor")


def test_errors_name_the_fix_in_one_line(shell: Shell) -> None:
    nobody = CliRunner().invoke(main, ["reset", "--url", "http://127.0.0.1:9"]).output
    assert nobody.strip().count("\n") == 0
    assert "sandtable serve" in nobody
    assert "urllib3" not in nobody
    assert "did you mean latency?" in shell.run("faults", "add", "latencey", code=2)
    assert "standard input is empty" in shell.run("load", "-", stdin="", code=2)
    assert "sandtable worlds create NAME" in shell.run("reset", "--world", "nothing", code=1)
    assert "a number in it is not finite" in shell.run("clock", "--advance", "inf", code=3)
    refused = CliRunner().invoke(main, ["reset", "--url", ""])
    assert (refused.exit_code, "is no URL" in refused.output) == (2, True)
    assert "not ready: Connection refused" in CliRunner().invoke(main, ["health", "http://127.0.0.1:9"]).output
    wrong = shell.result("faults", "ad", "latency")
    assert (wrong.exit_code, "Did you mean 'add'?" in wrong.output) == (2, True)


def test_advice_about_a_file_names_the_options_of_the_command(shell: Shell, tmp_path: Path) -> None:
    for name, data, words in (
        ("own.json", b'{"incident": [{"u_x": 1}]}', "--unknown create makes it, --unknown ignore leaves it out"),
        ("list.json", b'[{"urgency": "1"}]', "name it: --table incident"),
        ("cut.zip", b"not an archive", "cut.zip: is no ZIP archive, or a damaged one"),
        ("short.zip", b"PK\x03\x04", "short.zip: is no archive that can be read"),
        ("empty.xml", b"", "empty.xml: is empty; send an export of records"),
        ("cut.xml", b"<sys_remote_update_set", "take the rest with --partial"),
    ):
        (tmp_path / name).write_bytes(data)
        assert words in shell.run("load", str(tmp_path / name), code=2)
    (tmp_path / "incident.csv").write_text("short_description,urgency\n")
    assert "0 deleted: it holds no records" in shell.run("load", str(tmp_path / "incident.csv"))


def test_a_parameter_beside_with_is_told_where_it_belongs(shell: Shell) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(f"{shell.url}/_sandtable/faults", json={"fault": "latency", "seconds": 2})
    assert answer.json()["error"] == {
        "field": "seconds",
        "problem": "is a parameter of latency",
        "fix": 'put it inside with: {"with": {"seconds": ...}}',
    }


def test_failures_are_json_where_json_was_asked_for(shell: Shell) -> None:
    refused = shell.result("faults", "add", "nonsense", "--json")
    assert refused.exit_code == 2
    told = json.loads(refused.stderr)
    assert (told["exit_code"], "there is no fault 'nonsense'" in told["error"]) == (2, True)
    usage = CliRunner().invoke(main, ["reset", "--json", "--url", "localhost"])
    assert (usage.exit_code, json.loads(usage.stderr)["exit_code"], usage.stdout) == (2, 2, "")


def test_requests_are_followed_as_they_come_in(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.create(short_description="before")
    shown: list[str] = []

    def next_look(seconds: float) -> None:
        shown.append("")
        if len(shown) >= 2:
            raise KeyboardInterrupt
        shell.create(short_description="while it follows")

    monkeypatch.setattr("sandtable.cli.plane.watch.pause", next_look)
    lines = shell.run("requests", "--follow").splitlines()
    first, second = (int(line.partition(" ")[0].removeprefix("#")) for line in lines)
    assert second == first + 1


def test_names_are_completed(shell: Shell) -> None:
    def completed(*words: str) -> list[str]:
        typed = {"COMP_WORDS": " ".join(["sandtable", *words]), "COMP_CWORD": str(len(words))}
        return CliRunner().invoke(main, [], env={"_SANDTABLE_COMPLETE": "bash_complete", **typed}).output.split()

    shell.run("worlds", "create", "one")
    assert "plain,latency" in completed("faults", "add", "lat")
    assert completed("app", "install", "x_elas2_i") == ["plain,x_elas2_inc_int"]
    assert completed("reset", "--url", shell.url, "--world", "o") == ["plain,one"]
