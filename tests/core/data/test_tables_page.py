from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "docs" / "generate_tables.py"


@pytest.mark.ours("docs/tables.md says what the shipped data says")
def test_the_page_of_tables_is_current() -> None:
    spec = importlib.util.spec_from_file_location("generate_tables", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = module.PAGE.read_text(encoding="utf-8")
    assert written == module.page(), "run: python docs/generate_tables.py"
