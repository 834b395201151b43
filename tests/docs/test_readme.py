"""The README is true: its commands print what it shows, and its programs are the examples that are run as tests."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandtable.assembly import create_instance
from sandtable.inprocess import app_for
from sandtable.server import Server

pytestmark = pytest.mark.ours("the README shows what a newcomer will see")

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
SHOWN_AT = "http://127.0.0.1:8080"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command of the README with the output shown for it."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def plain(text: str) -> str:
    """Take out what differs from run to run: addresses, sys_ids, blanks at the ends of lines."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\b[0-9a-f]{32}\b", "ID", text)
    return "\n".join(line.rstrip() for line in text.replace("\r", "").strip().splitlines())


def assert_shown(shown: str, printed: str) -> None:
    """Compare what is shown with what was printed; `...` stands for anything."""
    pieces = [re.escape(piece) for piece in plain(shown).split("...")]
    assert re.fullmatch(".*?".join(pieces), plain(printed), re.DOTALL), printed


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(app_for(create_instance(seed=1))) as running:
        yield running


def test_the_demo_prints_what_is_shown() -> None:
    shown = next(output for command, output in commands() if command == "make demo")
    done = subprocess.run([sys.executable, "-m", "sandtable.demo"], capture_output=True, text=True, check=True)
    # The people are listed with dots of their own.
    assert_shown(shown, done.stdout)


CURLS = [(command, output) for command, output in commands() if command.startswith("curl")]


def test_the_calls_answer_what_is_shown(server: Server) -> None:
    assert len(CURLS) == 3
    if shutil.which("curl") is None:
        pytest.skip("curl is not on this machine")
    for command, output in CURLS:
        there = command.replace(SHOWN_AT, server.url)
        done = subprocess.run(["bash", "-c", there], capture_output=True, text=True, check=True)
        assert_shown(output, done.stdout)


def test_the_rehearsal_finds_what_is_shown() -> None:
    command, shown = next(each for each in commands() if each[0].startswith("sandtable rehearse"))
    there = command.replace("sandtable ", f"{BIN / 'sandtable'} ", 1)
    done = subprocess.run(["bash", "-c", there], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert_shown(shown, done.stdout)


@pytest.mark.parametrize("name", ["test_client.py", "test_in_process.py"])
def test_the_programs_are_the_examples(name: str) -> None:
    assert (ROOT / "examples" / name).read_text(encoding="utf-8") in blocks("python")


def test_no_other_command_is_shown() -> None:
    known = ("make demo", "make test", "pip install .", "sandtable serve", "sandtable rehearse", "curl ")
    assert [command for command, _ in commands() if not command.startswith(known)] == []
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`(?=[,.])", README.partition("`make help` lists")[2].partition("\n")[0]))
    assert named
    assert [target for target in named if f"\n{target}:" not in makefile] == []
