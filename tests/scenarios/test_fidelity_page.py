"""The page of evidence, written from the marks of all tests."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.ours("docs/fidelity.md says what the tests say, no more and no less")

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def generator() -> dict[str, Any]:
    return runpy.run_path(str(DOCS / "generate_fidelity.py"))


def test_the_page_is_up_to_date(generator: dict[str, Any]) -> None:
    assert (DOCS / "fidelity.md").read_text(encoding="utf-8") == generator["page"](), "write it again: make docs"


def test_every_mark_becomes_a_claim(generator: dict[str, Any], tmp_path: Path) -> None:
    area = tmp_path / "web"
    area.mkdir()
    (area / "test_one.py").write_text(
        "import pytest\n"
        "pytestmark = pytest.mark.documented('a page, '\n    'in two parts')\n"
        "KIND = pytest.mark.recorded('a capture')\n"
        "@pytest.mark.assumed('a reason')\n"
        "def test_a(): ...\n"
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.ours('a promise'))])\n"
        "def test_b(x): ...\n",
        encoding="utf-8",
    )
    found = [(claim.area, claim.kind, claim.text) for claim in generator["claims"](tmp_path)]
    assert found == [
        ("web", "assumed", "a reason"),
        ("web", "documented", "a page, in two parts"),
        ("web", "ours", "a promise"),
        ("web", "recorded", "a capture"),
    ]
    page = generator["page"](tmp_path)
    assert "| web | 1 | 1 | 1 | 1 |" in page
    assert "- a page, in two parts (one)" in page
