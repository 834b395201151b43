"""Scenarios over several processes, and as tests of somebody else's pytest."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds
from sandtable_scenarios.targets.control import PlaneOfTarget

KIBANA = "sandtable_connector.rehearsal:connector?behaviour=kibana-8.13"

pytestmark = pytest.mark.ours("scenarios run in any pytest, and over several processes with the same findings")


def suite(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Without a plugin of the tests that the suite of somebody else need not have, and that takes a second to load.
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:schemathesis", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_two_processes_find_what_one_finds(run: Callable[..., Result], tmp_path: Path) -> None:
    found = []
    for jobs in ("1", "2"):
        report = tmp_path / f"{jobs}.json"
        chosen = ("--scenario", "overlong", "--scenario", "gone", "--json", str(report))
        ended = run("--connector", KIBANA, "--jobs", jobs, *chosen)
        assert ended.exit_code == 1, ended.output
        told = json.loads(report.read_text(encoding="utf-8"))
        found.append(sorted((finding["rule"], finding["program"]) for finding in told["findings"]))
        assert told["coverage"]["rules"]["instance.incident-id"] > 0
    assert found[0] == found[1] != []


def test_each_process_has_a_copy_of_an_instance_at_an_address(run: Callable[..., Result]) -> None:
    worlds = Worlds(create_instance(random_seed=1, name="ours"))
    with Server(create_app(worlds)) as server:
        few = ("--scenario", "overlong", "--scenario", "gone")
        ended = run("--instance", server.url, "--jobs", "2", *few)
        asked = {each.method for each in worlds.world("ours").journal.entries()}
    assert ended.exit_code == 0, ended.output
    assert [each.name for each in worlds.all_facts()] == ["ours"]
    assert asked == {"GET"}


def test_a_real_instance_is_told_one_story_at_a_time(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PlaneOfTarget, "is_there", lambda self: False)
    with Server(create_app(Worlds(create_instance(random_seed=1, name="ours")))) as server:
        ended = run("--instance", server.url, "--jobs", "2", "--scenario", "overlong", "--scenario", "gone")
    assert ended.exit_code == 3
    assert "leave --jobs out" in ended.output


def test_the_plugin_offers_fixtures_and_runs_nothing_by_itself(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "def test_reads(sandtable_instance):\n"
        "    assert sandtable_instance.table.rows('incident') == []\n"
        "    assert 'faults' in sandtable_instance.capabilities\n"
        "def test_pushes(sandtable_instance, connector_under_test):\n"
        "    request = {'connector_type_id': '.servicenow', 'connector_id': 'mine',\n"
        "        'config': {'apiUrl': sandtable_instance.base_url, 'isOAuth': False, 'usesTableApi': False},\n"
        "        'secrets': {'username': 'elastic.integration', 'password': 'elastic-integration'},\n"
        "        'params': {'subAction': 'pushToService', 'subActionParams': {'incident': {\n"
        "            'short_description': 'CPU is high', 'correlation_id': 'r:a'}}}}\n"
        "    answer = connector_under_test.execute(request, sandtable_instance.open_session())\n"
        "    assert answer['status'] == 'ok'\n",
        encoding="utf-8",
    )
    ended = suite("-q", cwd=tmp_path)
    assert "2 passed" in ended.stdout, ended.stdout + ended.stderr


def test_a_scenario_fails_as_a_test(tmp_path: Path) -> None:
    command = ("--pyargs", "sandtable_scenarios.suite", "-o", "python_files=suite.py")
    options = ("--sandtable-scenarios=overlong,gone", f"--sandtable-connector={KIBANA}")
    ended = suite(*command, *options, cwd=tmp_path)
    assert "1 failed, 1 passed" in ended.stdout, ended.stdout + ended.stderr
    assert "close.too-long" in ended.stdout or "correlation.too-long" in ended.stdout
    options = ("--sandtable-scenarios=overlong", f"--sandtable-connector={KIBANA}", "--sandtable-expect=kibana-8.13")
    expected = suite(*command, *options, cwd=tmp_path)
    assert "1 passed" in expected.stdout, expected.stdout + expected.stderr
