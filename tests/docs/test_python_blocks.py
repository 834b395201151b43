"""The Python of every page runs: its tests as tests, the rest as it stands, one block after the other."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree

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


def test_the_tests_of_all_pages(tmp_path: Path) -> None:
    """One run of pytest; each page has a folder of its own, and its name in what fails."""
    written = 0
    for name in WITH_PYTHON:
        folder = tmp_path / re.sub(r"\W", "_", name.removesuffix(".md"))
        folder.mkdir()
        # Where a reader keeps it: beside the tests.
        shutil.copy(ROOT / "examples" / "incident_client.py", folder)
        for number, block in enumerate(filter(is_for_pytest, python(name))):
            is_test = "def test_" in block
            file = f"test_{folder.name}_{number}.py" if is_test else "conftest.py"
            (folder / file).write_text(block, encoding="utf-8")
            written += is_test
    environment = {k: v for k, v in os.environ.items() if not k.upper().startswith(("SANDTABLE_", "PYTEST"))}
    report = tmp_path / "report.xml"
    # Without a plugin that a reader need not have, and that takes a second to load.
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis"]
    run += ["-W", "error", "--strict-markers"]
    done = subprocess.run(
        [*run, f"--junit-xml={report}"], cwd=tmp_path, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ran = {case.get("classname") for case in ElementTree.parse(report).getroot().iter("testcase")}
    assert len(ran) == written


def test_what_is_not_run_is_on_a_page() -> None:
    everything = "\n".join(read(name) for name in NAMES)
    assert [line for line in NOT_RUN if line not in everything] == []
