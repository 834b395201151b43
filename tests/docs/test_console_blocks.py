"""Every command on every page is typed, in the order of the page, and prints what the page shows."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.docs.granted import BEFORE
from tests.docs.pages import NAMES, Command, commands
from tests.docs.terminal import BIN, Terminal, differs
from tests.docs.warm import Warm

pytestmark = pytest.mark.ours("a reader who types what a page says sees what it shows")

# What cannot be typed here, by the beginning of a command, and why.
NOT_TYPED: Mapping[str, str] = {
    "pip install": "changes the environment of the tests, and loads from elsewhere",
    "docker ": "there need not be a container engine where the tests run; tests/docker reads the files",
    "make test": "it runs these tests",
    "sandtable rehearse  ": "takes most of a minute; other commands of the pages choose one scenario",
    'sandtable rehearse --connector "cmd:node my-connector': "takes minutes; tests/scenarios runs such a connector",
    "sandtable rehearse --instance http://127.0.0.1:8080 --profile ci": "takes minutes; tests/scenarios has a server",
    "pytest --pyargs sandtable_scenarios.suite": "takes minutes; tests/scenarios runs the plugin",
}
# Commands that end with another code than 0, as their pages say.
CODES: Mapping[tuple[str, str], int] = {
    ("README.md", "sandtable rehearse"): 1,
    ("docs/scenarios.md", "sandtable rehearse"): 1,
    ("docs/connector-rules.md", "sandtable deliver"): 1,
    ("docs/doctor.md", "sandtable doctor"): 1,
}
# The demo does its own set-up by make; here that is done.
INSTEAD: Mapping[str, str] = {"make demo": "python -m sandtable.demo"}
NEEDED = ("bash", "curl", "openssl")
TYPED = [name for name in NAMES if commands(name)]


def typed(name: str) -> list[Command]:
    """Return the commands of a page that can be typed here."""
    return [command for command in commands(name) if not command.text.startswith(tuple(NOT_TYPED))]


def translated(command: Command) -> Command:
    for shown, instead in INSTEAD.items():
        if command.text == shown:
            return dataclasses.replace(command, text=instead)
    return command


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    # The address of a socket may not be as long as the folders that pytest makes.
    with tempfile.TemporaryDirectory() as folder:
        begun = Warm(Path(folder))
        yield begun
        begun.close()


@pytest.fixture
def terminal(tmp_path: Path, warm: Warm) -> Iterator[Terminal]:
    # Each command is a fork of a warm process; tests/install types those of the README from nothing.
    opened = Terminal(tmp_path, (warm.folder, BIN), warm.cache)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", [name for name in TYPED if typed(name)])
def test_the_commands_of_a_page(name: str, terminal: Terminal) -> None:
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    if not any("sandtable serve" in command.text for command in typed(name)):
        # The page stands on the quick start.
        assert terminal.type(Command("sandtable serve", "", 0))[0] == 0
    made = set()
    for command in typed(name):
        for (page, beginning), make in BEFORE.items():
            if page == name and beginning not in made and command.text.startswith(beginning):
                made.add(beginning)
                make(terminal)
        code, printed = terminal.type(translated(command))
        where = f"{name}:{command.line}: $ {command.text}\n{printed}"
        expected = [each for (page, text), each in CODES.items() if page == name and command.text.startswith(text)]
        assert code == (expected or [0])[0], where
        if command.shown.strip():
            assert not differs(command.shown, printed), where
        else:
            # Nothing is shown, so nothing may be wrong.
            assert [word for word in ('"error":', "Traceback", "Error:") if word in printed] == [], where


def test_what_is_said_here_of_commands_is_said_of_some() -> None:
    everything = {name: [command.text for command in commands(name)] for name in TYPED}
    for beginning in (*NOT_TYPED, *INSTEAD):
        assert any(text.startswith(beginning) for texts in everything.values() for text in texts), beginning
    for page, beginning in (*CODES, *BEFORE):
        assert any(text.startswith(beginning) for text in everything[page]), (page, beginning)


def test_a_planted_mistake_is_noticed(terminal: Terminal) -> None:
    code, printed = terminal.type(Command("sandtable verison", "", 1))
    assert code == 2
    assert differs("sandtable 0.1.0", printed)
    assert not differs("Usage: ...There is no command 'verison'...", printed)
