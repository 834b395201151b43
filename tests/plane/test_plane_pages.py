"""The pages about the test plane say what it does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from sandtable.cli import OWN

pytestmark = pytest.mark.ours("docs/test-plane.md, docs/faults.md and docs/test-plane.json are current")

SCRIPT = Path(__file__).parents[2] / "docs" / "generate_plane.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_plane", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["test-plane.md", "faults.md", "test-plane.json"])
def test_a_page_is_current(script: ModuleType, name: str) -> None:
    place = SCRIPT.parent / name
    assert place.read_text(encoding="utf-8") == script.PAGES[place](), "run: python docs/generate_plane.py"


def test_the_commands_on_the_pages_exist(script: ModuleType) -> None:
    for text in (script.control_page(), script.faults_page()):
        for verb in re.findall(r"^\$ sandtable (\w+)", text, re.MULTILINE):
            assert verb in OWN
