"""The Python of every page runs: its tests as tests, the rest as it stands, one block after the other."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.docs.pages import NAMES, ROOT, blocks, commands, read

from sandtable.library.in_process import app_for
from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server

pytestmark = pytest.mark.ours("the Python of a page can be copied")

# Blocks that cannot run here, by a line in them, and why.
NOT_RUN: Mapping[str, str] = {
    "with ServiceNowContainer(": "needs a container engine; tests/library runs the same lines over another one",
}
SHOWN_AT = "http://127.0.0.1:8080"
WITH_PYTHON = [name for name in NAMES if blocks(name, "python")]


def is_for_pytest(block: str) -> bool:
    return "\ndef test_" in f"\n{block}" or "@pytest.fixture" in block


def python(name: str) -> list[str]:
    return [block.text for block in blocks(name, "python") if not any(line in block.text for line in NOT_RUN)]


@pytest.mark.parametrize("name", [name for name in WITH_PYTHON if not all(map(is_for_pytest, python(name)))])
def test_the_programs_of_a_page(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # Keys and certificates that a program reads are those that the page makes before.
    for command in commands(name):
        if command.text.startswith("openssl"):
            subprocess.run(["bash", "-c", command.text], check=True, capture_output=True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    programs = [block for block in python(name) if not is_for_pytest(block)]
    names: dict[str, object] = {}
    with ExitStack() as stack:
        address = SHOWN_AT
        if any(SHOWN_AT in block for block in programs):
            address = stack.enter_context(Server(app_for(create_instance(random_seed=1)))).url
        for block in programs:
            exec(compile(block.replace(SHOWN_AT, address), name, "exec"), names)


@pytest.mark.parametrize("name", [name for name in WITH_PYTHON if any(map(is_for_pytest, python(name)))])
def test_the_tests_of_a_page(name: str, tmp_path: Path) -> None:
    (tmp_path / "incident_client.py").write_text((ROOT / "examples" / "incident_client.py").read_text(encoding="utf-8"))
    for number, block in enumerate(filter(is_for_pytest, python(name))):
        file = f"test_block_{number}.py" if "def test_" in block else "conftest.py"
        (tmp_path / file).write_text(block, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.upper().startswith(("SANDTABLE_", "PYTEST"))}
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "--strict-markers"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_what_is_not_run_is_on_a_page() -> None:
    everything = "\n".join(read(name) for name in NAMES)
    assert [line for line in NOT_RUN if line not in everything] == []
