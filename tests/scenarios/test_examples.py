"""The example connectors of the documentation, as programs over a socket."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"

pytestmark = pytest.mark.ours("the examples of docs/connector-protocol.md are connectors that hold what they promise")


def program(name: str) -> str:
    if name.endswith(".py"):
        return f"cmd:{shlex.quote(sys.executable)} {shlex.quote(str(EXAMPLES / name))}"
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on this machine")
    return f"cmd:{shlex.quote(node)} {shlex.quote(str(EXAMPLES / name))}"


@pytest.mark.parametrize("name", ["connector.py", "connector.mjs"])
def test_an_example_creates_updates_and_closes(run: Callable[..., Result], name: str) -> None:
    result = run("--connector", program(name), "--scenario", "several", "--scenario", "overlong")
    assert result.exit_code == 0, result.output
    assert "no findings" in result.output


@pytest.mark.parametrize("name", ["connector.py", "connector.mjs"])
def test_an_example_is_short(name: str) -> None:
    lines = (EXAMPLES / name).read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.strip()]) <= 42


@pytest.mark.parametrize("name", ["connector.py", "connector.mjs"])
def test_the_page_shows_the_example_as_it_is(name: str) -> None:
    page = (EXAMPLES.parent / "connector-protocol.md").read_text(encoding="utf-8")
    assert (EXAMPLES / name).read_text(encoding="utf-8").rstrip() in page


@pytest.mark.parametrize("language", ["python", "node"])
def test_a_new_connector_answers_in_form(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    runner = {"python": sys.executable, "node": shutil.which("node")}[language]
    if runner is None:
        pytest.skip("there is no node on this machine")
    monkeypatch.chdir(tmp_path)
    assert run("init", language).exit_code == 0
    (written,) = tmp_path.iterdir()
    result = run("--connector", f"cmd:{shlex.quote(runner)} {shlex.quote(written.name)}", "--check")
    assert result.exit_code == 0, result.output
    assert "error  a push" in result.output
    assert "push is not written yet" in result.output
    assert "fine   an action that does not exist" in result.output
