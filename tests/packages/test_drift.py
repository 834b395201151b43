"""What differs between an instance and its copy is told by kind, in each form of report, and by exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner, Result

from sandtable import SimulatedInstance, mock_servicenow
from sandtable.cli import main

pytestmark = pytest.mark.ours("drift tells what differs between an instance and a copy of it, and that nothing does")
URL = "https://real.service-now.com"
ACCOUNT = ("--from", URL, "--user", "admin", "--password", "admin", "--per-second", "100000")
TABLES = "incident,u_*"


def run(command: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, [command, *ACCOUNT, "--tables", TABLES, *arguments])


@pytest.fixture(scope="module")
def real() -> Iterator[SimulatedInstance]:
    with mock_servicenow(URL) as servicenow:
        servicenow.add_table("u_site").add_column("u_region", type="string", choices=["north", "south"])
        servicenow.table("u_site").insert({"sys_id": "5" * 32, "u_region": "north"})
        yield servicenow


@pytest.fixture(scope="module")
def copy(real: SimulatedInstance, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("drift") / "mine.xml"
    done = run("clone", "--into", str(path), "--records", "5", "--json")
    assert done.exit_code == 0, done.output
    return path


def test_what_differs_is_told_in_each_form(real: SimulatedInstance, copy: Path, tmp_path: Path) -> None:
    same = run("drift", "--against", str(copy), "--json")
    assert same.exit_code == 0, same.output
    told = json.loads(same.stdout)
    assert told["differences"] == []
    assert all(told["compared"][kind] for kind in ("tables", "columns", "choices", "answers"))

    real.add_table("u_later")
    real.table("u_site").add_column("u_floor", type="integer")
    system = real.instance.system()
    column = system.table("sys_dictionary").first("name=u_site^element=u_region")
    choice = system.table("sys_choice").first("name=u_site^element=u_region^value=south")
    assert column is not None
    assert choice is not None
    system.table("sys_dictionary").update(column.sys_id, {"max_length": "77"})
    system.table("sys_choice").delete(choice.sys_id)
    system.table("sys_script").insert({"name": "New rule", "collection": "incident", "script": "gs.info('x')"})
    system.table("u_site").update("5" * 32, {"u_region": "south"})

    junit, saved = tmp_path / "drift.xml", tmp_path / "drift.json"
    differing = run("drift", "--against", str(copy), "--junit", str(junit), "--save", str(saved))
    assert differing.exit_code == 1, differing.output
    report = json.loads(saved.read_text(encoding="utf-8"))
    found = {(each["kind"], each["name"], each["what"]) for each in report["differences"]}
    missing, extra, different = "missing from the copy", "only in the copy", "different"
    assert {
        ("tables", "u_later", missing),
        ("columns", "u_site.u_floor", missing),
        ("columns", "u_site.u_region.max_length", different),
        ("choices", "u_site.u_region.en..south", extra),
        ("rules", "sys_script incident.New rule", missing),
        ("answers", "u_site: u_floor", missing),
        ("answers", f"u_site {'5' * 32}.u_region", different),
    } <= found
    assert (report["from"], report["against"]) == (URL, str(copy))
    assert report["at"].endswith("GMT")
    suites = fromstring(junit.read_text(encoding="utf-8"))  # noqa: S314 - written a line above
    failed = {
        (suite.get("name"), case.get("name")) for suite in suites for case in suite if case.find("failure") is not None
    }
    assert {("tables", "u_later"), ("columns", "u_site"), ("rules", "incident"), ("answers", "u_site")} <= failed
    assert suites.get("failures") == str(len(failed))
    assert "u_site.u_region.max_length: 77 there, " in differing.stdout

    only = run("drift", "--against", str(copy), "--only", "rules", "--ignore", "rules:sys_script incident.*", "--json")
    assert (only.exit_code, json.loads(only.stdout)["ignored"]) == (0, 1)


def test_what_cannot_be_compared_has_an_exit_code_of_its_own(
    real: SimulatedInstance, copy: Path, tmp_path: Path
) -> None:
    assert run("drift", "--against", str(tmp_path / "none.xml")).exit_code == 2
    assert run("drift", "--against", str(copy), "--only", "moods").exit_code == 2
    refused = CliRunner().invoke(
        main, ["drift", *ACCOUNT[:-3], "wrong", *ACCOUNT[-2:], "--tables", "incident", "--against", str(copy)]
    )
    assert refused.exit_code == 3, refused.output
    assert "401" in refused.output
    real.table("sys_user").insert({"user_name": "reader", "user_password": "secret"})
    blind = CliRunner().invoke(
        main,
        [
            "drift",
            "--from",
            URL,
            "--user",
            "reader",
            "--password",
            "secret",
            "--tables",
            "incident",
            "--against",
            str(copy),
        ],
    )
    assert blind.exit_code == 3, blind.output
    assert "sys_db_object" in blind.output


@pytest.mark.parametrize(
    ("command", "wrong", "said"),
    [
        ("drift", ("--against", "none.xml", "--ignore", "incident"), "--ignore 'incident' must be KIND:NAME"),
        ("drift", ("--against", "none.xml", "--ignore", "moods:incident"), "the kinds are tables, columns"),
        ("drift", ("--against", "none.xml", "--tables", " , "), "--tables names none"),
        ("clone", ("--into", "mine.xml", "--tables", ""), "--tables names none"),
        ("clone", ("--into", "nowhere/mine.xml"), "there is no folder nowhere"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_asked(command: str, wrong: tuple[str, ...], said: str) -> None:
    refused = run(command, *wrong)
    assert refused.exit_code == 2, refused.output
    assert said in " ".join(refused.output.split())
