"""docs/compatibility.md says what the tests of this folder do."""

from __future__ import annotations

from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"


@pytest.mark.ours("docs/compatibility.md lists everything that the real clients are made to do, gaps included")
def test_the_page_is_current(request: pytest.FixtureRequest) -> None:
    written = PAGE.read_text(encoding="utf-8")
    sections = {part.split(" ", 1)[0].lower(): part for part in written.split("\n## ")[1:]}
    missing = [
        (client, line)
        for item in request.session.items
        for mark in item.iter_markers("exercises")
        for client, what in [mark.args]
        if (line := f"| {what} | {_result(mark)} |") not in sections.get(client, "")
    ]
    assert missing == [], "run: python docs/generate_compatibility.py"


def _result(mark: pytest.Mark) -> str:
    gap = mark.kwargs.get("gap", "")
    return f"gap of the client: {gap}" if gap else "passed"
