"""Connectors and instances under test, however they are reached."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result

from sandtable_connector.kibana_api import KibanaApi, KibanaServer
from sandtable_connector.registry import Registry
from sandtable_scenarios.stage.findings import TargetUnreachable, Unavailable
from sandtable_scenarios.targets.choosing import connector_from
from sandtable_scenarios.targets.command import Command
from sandtable_scenarios.targets.control import PlaneOfTarget
from sandtable_scenarios.targets.instances import instance_from

pytestmark = pytest.mark.ours("a target is named by one text, and says clearly what is wrong with it")

REQUEST = {"connector_type_id": ".servicenow", "config": {}, "secrets": {}, "params": {}}


def program(code: str) -> Command:
    return Command(f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}")


@pytest.mark.documented("Kibana connector API: create, _execute, delete")
def test_a_kibana_is_rehearsed_through_its_api(run: Callable[..., Result], tmp_path: Path) -> None:
    registry = Registry(tmp_path / "connectors.db", key="a-test-only-key-of-more-than-32-characters")
    with KibanaServer(KibanaApi(registry)) as kibana:
        result = run("--connector", kibana.url, "--scenario", "overlong", "--scenario", "letter-case")
    assert result.exit_code == 0, result.output
    assert registry.all() == []


def test_a_program_is_started_once_and_again_after_a_restart() -> None:
    code = (
        "import sys, os, json\n"
        "for line in sys.stdin: print(json.dumps({'status': 'ok', 'data': os.getpid()}), flush=True)"
    )
    target = program(code)
    try:
        first, second = (target.execute(REQUEST)["data"] for _ in range(2))
        target.restart()
        third = target.execute(REQUEST)["data"]
        assert first == second != third
    finally:
        target.close()


@pytest.mark.parametrize(
    "code, text",
    [
        ("pass", "ended without an answer|gave no answer"),
        ("import sys; sys.stdin.readline(); print('words')", "is not JSON"),
        ("import sys; sys.stdin.readline(); print('[]')", "an answer is an object with status"),
        ("import sys; sys.stdin.readline(); print('{}')", "an answer is an object with status"),
    ],
)
def test_a_program_that_is_no_connector(code: str, text: str) -> None:
    target = program(code)
    try:
        with pytest.raises(TargetUnreachable, match=text):
            target.execute(REQUEST)
    finally:
        target.close()


def test_a_program_can_be_put_into_another_time_zone() -> None:
    code = (
        "import sys, json, time\n"
        "for line in sys.stdin: print(json.dumps({'status': 'ok', 'data': time.localtime(0).tm_gmtoff}), flush=True)"
    )
    target = program(code)
    try:
        here = target.execute(REQUEST)["data"]
        target.move("Asia/Kolkata")
        assert target.execute(REQUEST)["data"] == 19800
        target.move("")
        assert target.execute(REQUEST)["data"] == here
    finally:
        target.close()


def test_a_connector_in_this_process_is_in_another_time_zone_only_while_it_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def factory() -> Callable[..., object]:
        return lambda _request, _session: {"status": "ok", "data": time.localtime(0).tm_gmtoff}

    monkeypatch.setattr("sandtable_scenarios.stage.keys.in_a_zone", factory, raising=False)
    target = connector_from("sandtable_scenarios.stage.keys:in_a_zone")
    here = time.localtime(0).tm_gmtoff
    target.move("Pacific/Auckland")
    assert target.execute(REQUEST)["data"] == 43200
    assert time.localtime(0).tm_gmtoff == here
    target.move("")
    assert target.execute(REQUEST)["data"] == here


@pytest.mark.parametrize("name", ["os:getcwd", "cmd:true"])
def test_a_time_zone_that_nobody_knows_is_unavailable(name: str) -> None:
    with pytest.raises(Unavailable, match="no data of the time zone 'Mars/Olympus'"):
        connector_from(name).move("Mars/Olympus")


def test_the_time_zone_of_a_kibana_is_not_ours() -> None:
    with pytest.raises(Unavailable, match="not ours"):
        connector_from("http://127.0.0.1:9").move("Asia/Kolkata")


@pytest.mark.parametrize("name", ["words", "os:no_such_function", "cmd:", "no.such.module:x"])
def test_a_name_that_names_no_connector(name: str) -> None:
    with pytest.raises(TargetUnreachable):
        connector_from(name)


def test_an_instance_without_a_test_plane_is_a_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlaneOfTarget, "is_there", lambda _self: False)
    target = instance_from("sandtable.library.in_process:rehearsal_instance")
    try:
        assert target.control is None
        assert "faults" not in target.capabilities
        assert target.scope.startswith("sys_created_by=elastic.integration^ORsys_created_by=admin^")
    finally:
        target.close()


def test_what_a_story_made_on_a_real_instance_is_taken_away(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from sandtable.library.in_process import app_for
    from sandtable.serving.assembly import create_instance
    from sandtable.serving.server import Server

    made = create_instance()
    monkeypatch.setattr(PlaneOfTarget, "is_there", lambda _self: False)
    pauses: list[float] = []
    # What a real instance is left in peace for after each call is noted, not waited for.
    monkeypatch.setattr("sandtable_scenarios.targets.instances.time", SimpleNamespace(sleep=pauses.append))
    with Server(app_for(made)) as server:
        chosen = ("--scenario", "several", "--scenario", "blanks", "--scenario", "cases")
        result = run("--instance", server.url, *chosen)
    assert result.exit_code == 0, result.output
    assert "skipped  blanks: the instance offers no control" in result.output
    assert made.system().table("incident").query("") == []
    assert set(pauses) == {0.1}
    made.close()
