"""servicenow-cli, a command line in Rust that is installed from PyPI: incidents, attachments and tables by command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.compat.conftest import Running

COMMAND = shutil.which("servicenow-cli", path=str(Path(sys.executable).parent))
pytestmark = [
    pytest.mark.ours("servicenow-cli works unmodified, by its commands"),
    pytest.mark.skipif(COMMAND is None, reason="servicenow-cli is not installed: pip install '.[compat]'"),
]
exercises = pytest.mark.exercises
CLIENT = "servicenow-cli"
AUTHENTICATION = 3
NOT_FOUND = 4


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    code: int
    printed: Any


Cli = Callable[..., Done]


@pytest.fixture(params=["https", "http"])
def cli(running: Running, request: pytest.FixtureRequest, tmp_path: Path) -> Cli:
    def run(*arguments: str, **more: str) -> Done:
        kept = {name: os.environ[name] for name in ("PATH", "SSL_CERT_FILE", "SYSTEMROOT") if name in os.environ}
        environment = {
            **kept,
            "HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "SERVICENOW_CACHE_DIR": str(tmp_path / "cache"),
            "SERVICENOW_INSTANCE": running.https if request.param == "https" else running.http,
            "SERVICENOW_AUTH_TYPE": "basic",
            "SERVICENOW_USERNAME": "admin",
            "SERVICENOW_PASSWORD": "admin",
            **more,
        }
        command = [str(COMMAND), *arguments, "--output", "json", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
        text = done.stdout if done.returncode == 0 else done.stderr
        return Done(done.returncode, json.loads(text) if text.strip() else None)

    return run


def result(done: Done) -> Any:
    assert done.code == 0, done.printed
    return done.printed["result"]


@exercises(CLIENT, "checks of the set-up")
def test_doctor(cli: Cli) -> None:
    done = cli("doctor")
    assert done.printed["ok"] is True, done.printed


@exercises(CLIENT, "an incident from its creation to its resolution")
def test_incident(cli: Cli, running: Running) -> None:
    number = result(cli("incidents", "create", "--short-description", "from the command line", "--urgency", "2"))[
        "number"
    ]
    assert result(cli("incidents", "update", number, "--state", "2"))["state"] == "2"
    result(cli("incidents", "note", number, "A note"))
    assigned = result(cli("incidents", "assign", number, "--to", "admin", "--group", "Network"))
    assert assigned["assignment_group"]
    resolved = result(cli("incidents", "resolve", number, "--code", "Solution provided", "--notes", "Done"))
    assert resolved["state"] == "6"
    shown = result(cli("incidents", "show", number))
    assert shown["close_notes"]["value"] == "Done"
    notes = running.instance.system().table("sys_journal_field").query("value=A note")
    assert [note["element"] for note in notes] == ["work_notes"]


@exercises(CLIENT, "lists of incidents and of other tables")
def test_lists(cli: Cli) -> None:
    query = "short_descriptionSTARTSWITHcompat^ORDERBYshort_description"
    found = cli("incidents", "list", "--query", query, "--limit", "5")
    assert [each["short_description"] for each in result(found)] == [f"compat {number:02}" for number in range(5)]
    groups = cli("tables", "list", "sys_user_group", "--query", "name=Network", "--fields", "sys_id,name")
    assert [each["name"] for each in result(groups)] == ["Network"]


@exercises(CLIENT, "create, read, update, delete in any table")
def test_tables(cli: Cli) -> None:
    made = result(cli("tables", "create", "problem", "--data", '{"short_description": "from the command line"}'))
    sys_id = made["sys_id"]
    assert result(cli("tables", "get", "problem", sys_id))["number"]["value"] == made["number"]
    assert result(cli("tables", "update", "problem", sys_id, "--field", "urgency=1"))["urgency"] == "1"
    assert cli("tables", "delete", "problem", sys_id, "--yes").code == 0
    assert cli("tables", "get", "problem", sys_id).code == NOT_FOUND


@exercises(CLIENT, "attachments")
def test_attachments(cli: Cli, tmp_path: Path, running: Running) -> None:
    record = running.instance.system().table("incident").first("short_description=compat 00")
    assert record is not None
    file = tmp_path / "notes.txt"
    file.write_bytes(b"compat\n" * 1000)
    number = record["number"]
    made = result(cli("attachments", "upload", "incident", number, str(file)))
    assert (made["file_name"], made["size_bytes"]) == ("notes.txt", "7000")
    assert [each["sys_id"] for each in result(cli("attachments", "list", "incident", number))] == [made["sys_id"]]
    target = tmp_path / "downloaded"
    target.mkdir()
    assert cli("attachments", "download", made["sys_id"], str(target)).code == 0
    assert (target / "notes.txt").read_bytes() == file.read_bytes()
    assert cli("attachments", "delete", made["sys_id"], "--yes").code == 0


@exercises(CLIENT, "columns and choices of a table, and people by name")
def test_metadata(cli: Cli) -> None:
    assert {"label": "Software", "sequence": 1, "value": "software"} in result(cli("choices", "incident", "category"))
    assert result(cli("resolve", "user", "admin@example.com"))["user_name"]["value"] == "admin"
    assert result(cli("resolve", "group", "Network"))["name"]["value"] == "Network"


@exercises(CLIENT, "its own kinds of errors")
def test_errors(cli: Cli) -> None:
    missing = cli("incidents", "show", "INC9999999")
    assert (missing.code, missing.printed["error"]["kind"]) == (NOT_FOUND, "not_found")
    assert cli("incidents", "list", SERVICENOW_PASSWORD="wrong").code == AUTHENTICATION


@exercises(
    CLIENT,
    "choices of a column that a table inherits",
    gap="it looks for the column among those of the table itself, and the dictionary lists an inherited one with the "
    "parent only",
)
def test_inherited_choices(cli: Cli) -> None:
    assert cli("choices", "incident", "state").code == NOT_FOUND
