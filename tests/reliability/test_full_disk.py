"""A full disk: the writer is told, everybody reads on, and with space again everybody writes again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.ours(
    "a full disk costs the one write that it refuses: nothing acknowledged, and nobody's reading"
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    program = Path(__file__).with_name("full_disk_program.py")
    folder = tmp_path_factory.mktemp("full")
    done = subprocess.run([sys.executable, str(program), str(folder)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_writer_is_told(told: Any) -> None:
    assert told["written"] > 3
    assert told["refused"] == [[507, "Insufficient storage"]] * 3


def test_reading_goes_on(told: Any) -> None:
    assert told["reads"] == [200]
    assert told["listed"] == [200, told["written"]]


def test_writing_goes_on_when_there_is_space(told: Any) -> None:
    assert told["afterwards"] == 201


def test_nothing_that_was_acknowledged_is_lost(told: Any) -> None:
    assert told["lost"] == []
    assert told["kept"] == told["written"] + 1
