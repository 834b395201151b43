"""Generated pages are current: each script in docs/ that writes a page writes what stands there."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.ours("a page that is generated says what the code does today")

DOCS = Path(__file__).resolve().parents[2] / "docs"
# Scripts whose pages come from a run of other tests, or have a test of their own beside what they describe.
ELSEWHERE = {
    "generate_compatibility.py",
    "generate_fidelity.py",
    "generate_openapi.py",
    "generate_checks.py",
    "generate_plane.py",
}
SCRIPTS = sorted(path for path in DOCS.glob("generate_*.py") if path.name not in ELSEWHERE)


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_the_page_is_current(path: Path) -> None:
    module = loaded(path)
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), f"run python docs/{path.name}"
