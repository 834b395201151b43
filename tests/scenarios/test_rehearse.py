"""``sandtable rehearse`` as people use it: exit codes, reports, saved stories, presets."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import Result

from sandtable_scenarios.catalogue import RULES, SCENARIOS, world_for
from sandtable_scenarios.cli import OURS
from sandtable_scenarios.search.engine import Plan, Profile
from sandtable_scenarios.search.engine import run as run_scenarios
from sandtable_scenarios.targets.instances import LISTENING, SIMULATOR, instance_from, simulator_for

Run = Callable[..., Result]
KIBANA = "sandtable_connector.rehearsal:connector?behaviour=kibana-8.13"

pytestmark = pytest.mark.ours("the command's exit codes and reports are what its help says")


def test_our_connector_is_clean(run: Run) -> None:
    # The longer ones are told once each by the next test, and in full by `make rehearse`.
    result = run("--scenario", "several", "--scenario", "jwt-wrong")
    assert result.exit_code == 0, result.output
    assert "no findings" in result.output
    assert "several" in result.output


def test_no_scenario_is_skipped_or_broken_here() -> None:
    instance = instance_from(SIMULATOR)
    world = world_for(instance, OURS)
    once = Plan(Profile("once", examples=1, steps=4, cards=0, tries=5))
    try:
        finished = run_scenarios(SCENARIOS, RULES, world, once)
    finally:
        world.connector.close()
        instance.close()
    assert [(each.scenario, each.reason) for each in finished.skipped] == []
    assert [(each.rule.id, each.story.as_program()) for each in finished.findings] == []
    assert set(finished.durations) == {scenario.name for scenario in SCENARIOS}


def test_a_program_gets_a_simulator_with_an_address_of_its_own() -> None:
    assert simulator_for("cmd:node my-connector.js") == simulator_for("http://localhost:5601") == LISTENING
    assert simulator_for(OURS) == SIMULATOR


def test_a_scenario_says_where_its_stories_were_cut_short(run: Run) -> None:
    result = run(
        "--connector", KIBANA, "--scenario", "several", "--rules", "close.nothing-to-close", "--random-seed", "1"
    )
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    (place,) = (place for place, line in enumerate(lines) if line.split()[1:2] == ["several"] and " stories " in line)
    told = lines[place + 1]
    assert told.strip().startswith("stories ended early at: ")
    assert "close.latest-open" in told
    assert "ended early" not in run("--scenario", "several").output


@pytest.mark.documented("Kibana 8.13 documentation: of several incidents the latest open one is closed")
def test_kibana_fails_where_it_differs_from_its_documentation(run: Run, tmp_path: Path) -> None:
    report, page, suite = tmp_path / "run.json", tmp_path / "run.html", tmp_path / "run.xml"
    result = run(
        *("--connector", KIBANA, "--scenario", "several", "--save", str(tmp_path / "stories")),
        *("--json", str(report), "--html", str(page), "--junit", str(suite)),
    )
    assert result.exit_code == 1, result.output
    assert "close.latest-open" in result.output
    told = json.loads(report.read_text(encoding="utf-8"))
    found = {finding["rule"]: finding for finding in told["findings"]}
    assert set(found) == {"close.latest-open", "close.canceled"}
    assert told["clean"] is False
    assert "world.close(" in found["close.latest-open"]["program"]
    assert any("/api/now/v2/table/incident?" in line for line in found["close.latest-open"]["curl"])
    assert len(found["close.latest-open"]["story"]["steps"]) <= 4
    assert len(found["close.canceled"]["story"]["steps"]) <= 3
    cases = {case.get("name"): case for case in ElementTree.parse(suite).getroot()}
    assert cases["close.latest-open"].find("failure") is not None
    assert cases["close.latest-open"].get("classname") == "sandtable.close"
    html = page.read_text(encoding="utf-8")
    assert "close.latest-open" in html
    assert '<a href="#close.latest-open">' in html
    assert "what the instance saw" in html
    assert "<script" not in html
    assert 'src="http' not in html
    saved = tmp_path / "stories" / "close.latest-open.yaml"
    assert yaml.safe_load(saved.read_text(encoding="utf-8"))["rule"] == "close.latest-open"
    assert run("--connector", KIBANA, "--replay", str(saved)).exit_code == 1
    mended = run("--replay", str(saved))
    assert mended.exit_code == 0
    assert "holds" in mended.output


@pytest.mark.parametrize("preset", ["kibana-8.13", "kibana-9.0", "kibana-9"])
@pytest.mark.recorded("observed Kibana behaviour, the switches of the reference connector")
def test_a_preset_passes_as_itself(run: Run, preset: str) -> None:
    connector = f"sandtable_connector.rehearsal:connector?behaviour={preset}"
    chosen = [part for name in ("several", "blanks", "overlong", "additional-fields") for part in ("--scenario", name)]
    result = run("--connector", connector, "--expect", preset, *chosen)
    assert result.exit_code == 0, result.output
    assert "expected difference: close.latest-open" in result.output


def test_a_known_difference_that_holds_is_stale(run: Run, tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    known.write_text("close.latest-open: {reason: it was so once}\n", encoding="utf-8")
    result = run("--scenario", "several", "--expect", str(known))
    assert result.exit_code == 0
    assert "stale: close.latest-open" in result.output


def test_a_difference_that_is_there_sometimes_is_never_stale(run: Run, tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    known.write_text("close.latest-open: {reason: on some instances, sometimes: true}\n", encoding="utf-8")
    assert "stale" not in run("--scenario", "several", "--expect", str(known)).output
    known.write_text("close.latest-open: {reason: on some instances, sometimes: often}\n", encoding="utf-8")
    refused = run("--scenario", "several", "--expect", str(known))
    assert refused.exit_code == 2
    assert "'sometimes' is true or false" in refused.output


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--scenario", "letter-case"), id="the scenario exercises other rules"),
        pytest.param(("--scenario", "several", "--rules", "close.canceled"), id="another rule was asked for"),
        pytest.param(("--scenario", "letter-case", "--jobs", "2"), id="in several processes"),
    ],
)
def test_a_known_difference_that_nobody_looked_for_is_not_stale(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    known = tmp_path / "known.yaml"
    known.write_text("close.latest-open: {reason: it is so}\nitom.time: {reason: it is so}\n", encoding="utf-8")
    result = run(*arguments, "--expect", str(known))
    assert result.exit_code == 0, result.output
    assert "stale" not in result.output


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["--rules", "clsoe.*"], "no rule matches 'clsoe.*'"),
        (["--scenario", "nothing"], "no scenario matches 'nothing'"),
        (["--expect", "kibana-7"], "neither a preset"),
        (["--admin", "admin"], "--admin must be USER:PASSWORD"),
        (["--explain", "close.nothing"], "there is no rule"),
        (["--replay", "no/such/story.yaml"], "cannot be read"),
        (["--profile", "slow"], "'slow' is not one of"),
    ],
)
def test_a_wrong_command_line_ends_with_2(run: Run, arguments: list[str], text: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert text in result.output


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["--instance", "http://127.0.0.1:9"], "does not answer: Connection refused$"),
        (
            ["--connector", "sandtable_connector.rehearsal:connector?behaviour=no"],
            "cannot be made: there is no behaviour",
        ),
        (["--instance", "no_such_module:make"], "cannot be loaded"),
        (["--instance", "words"], "does not name an instance"),
        (["--connector", "no_such_module:make"], "cannot be loaded"),
        (["--connector", "cmd:no-such-program-here", "--scenario", "several"], "cannot be started"),
        (["--connector", "cmd:true", "--scenario", "several"], "gave no answer|ended without an answer"),
        (["--connector", "cmd:echo words", "--scenario", "several"], "not JSON|gave no answer"),
        (["--admin", "admin:wrong", "--scenario", "several"], "check the admin user and password"),
    ],
)
def test_a_target_that_does_not_answer_ends_with_3(run: Run, arguments: list[str], text: str) -> None:
    import re

    result = run(*arguments)
    assert result.exit_code == 3, result.output
    assert re.search(text, result.output, re.MULTILINE)
    assert "Traceback" not in result.output


def telltale() -> Callable[..., dict[str, Any]]:
    """Return a connector that does nothing, and repeats its credentials in every error."""

    def execute(request: dict[str, Any], session: Any = None) -> dict[str, Any]:
        secrets = request.get("secrets") or {}
        pair = f"{secrets.get('username')}:{secrets.get('password')}"
        said = f"{secrets.get('password')} or {base64.b64encode(pair.encode()).decode()}"
        return {"status": "error", "message": "failed", "service_message": f"refused: {said}", "retry": False}

    return execute


def test_no_report_repeats_what_a_connector_gives_away(run: Run, tmp_path: Path) -> None:
    files = {name: tmp_path / f"run.{name}" for name in ("json", "html", "junit", "sarif")}
    wanted = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    password, user = "kept to oneself & nobody else", "elastic.integration"
    result = run(
        *("--connector", "tests.scenarios.test_rehearse:telltale", "--scenario", "opened-by", "--jobs", "1"),
        *("--integration", f"{user}:{password}", "--verbose", "--github", "--save", str(tmp_path / "stories")),
        *wanted,
    )
    assert result.exit_code == 1, result.output
    told = {"terminal": result.output} | {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    told |= {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "stories").iterdir()}
    basic = base64.b64encode(f"{user}:{password}".encode()).decode()
    for name, text in told.items():
        assert "refused: *** or ***" in " ".join(text.split()), name
        for secret in (password, escape(password), basic):
            assert secret not in " ".join(text.split()), name


def test_rules_are_listed_and_explained(run: Run) -> None:
    assert "close.latest-open" in run("--list").output
    explained = run("--explain", "close.latest-open").output
    assert "evidence   documented" in explained
    assert "exercised  by correlation" in explained


def test_the_same_seed_tells_the_same_stories(run: Run, tmp_path: Path) -> None:
    told = []
    for name in ("first.json", "second.json"):
        run("--connector", KIBANA, "--scenario", "several", "--random-seed", "7", "--json", str(tmp_path / name))
        findings = json.loads((tmp_path / name).read_text(encoding="utf-8"))["findings"]
        told.append([(finding["rule"], finding["program"], finding["examples"]) for finding in findings])
    assert told[0] == told[1] != []
