"""The demo plays its story over real HTTP, and notices when it ends otherwise."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from sandtable.demo.__main__ import demo
from sandtable.demo.story import FOLDER

pytestmark = pytest.mark.ours("the demo ends with 0 only if every step ended as the rules say")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "story"
    shutil.copytree(FOLDER, copy)
    return copy


def test_the_story_ends_as_told() -> None:
    result = CliRunner().invoke(demo, [])
    assert result.exit_code == 0, result.output
    assert "every step ended as the rules say" in result.output
    for outcome in ("created", "updated", "closed", "closed by hand", "already closed", "refused"):
        assert f"= {outcome}" in result.output
    assert re.findall(r"^ (INC\d+) +(\w+)", result.output, re.MULTILINE) == [
        ("INC0010001", "Closed"),
        ("INC0010002", "Closed"),
        ("INC0010003", "Closed"),
        ("INC0010004", "Closed"),
        ("INC0010005", "New"),
        ("INC0010006", "Closed"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "{alert: 12, call: closeIncident, outcome: closed",
            "{alert: 12, call: closeIncident, outcome: updated",
            "expected",
        ),
        ("comments: 2}", "comments: 7}", "expected 7 comments, got 2"),
        ('queue (older): "1"', 'queue (older): "7"', "is not as the story ends"),
        ("outcome: refused}", "outcome: created, incident: x}", "expected created, got refused"),
    ],
)
def test_another_end_is_noticed(folder: Path, before: str, after: str, words: str) -> None:
    story = folder / "story.yml"
    text = story.read_text(encoding="utf-8")
    assert before in text
    story.write_text(text.replace(before, after, 1), encoding="utf-8")
    result = CliRunner().invoke(demo, ["--folder", str(folder)])
    assert result.exit_code == 1
    assert words in result.output


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "story.yml").unlink()
    result = CliRunner().invoke(demo, ["--folder", str(folder)])
    assert result.exit_code == 1
    assert "story.yml" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("flags", [[], ["--live"]])
def test_a_port_that_is_taken_is_said_in_a_line(flags: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = CliRunner().invoke(demo, ["--port", str(taken.getsockname()[1]), *flags])
    assert result.exit_code == 1
    assert re.search(r"^Error: cannot listen on .*: Address already in use; choose another", result.output)


def test_keeping_the_instance() -> None:
    command = [sys.executable, "-m", "sandtable.demo", "--keep"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told: list[str] = []
            while not told or "sys_journal_field" not in told[-1]:
                told.append(process.stdout.readline())
                assert told[-1], "the demo ended early:\n" + "".join(told)
            commands = [line for line in told if "curl -s -u" in line]
            assert len(commands) == 2
            for line in commands:
                found = re.search(r"-u (\w+):(\w+) '([^']+)'", line)
                assert found is not None
                answer = requests.get(found.group(3), auth=(found.group(1), found.group(2)))
                assert len(answer.json()["result"]) >= 6
        finally:
            process.terminate()
