"""Links between the pages lead somewhere, and every page is two clicks from the README."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.docs.pages import NAMES, PAGES, ROOT

pytestmark = pytest.mark.ours("a reader never meets a dead link, and no page is lost")

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)\s]*)?\)")


def targets(page: Path) -> list[Path]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    local = (target for target, _ in LINK.findall(text) if "://" not in target and not target.startswith("mailto:"))
    return [(page.parent / target).resolve() for target in local]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    assert [str(target) for target in targets(page) if not target.exists()] == []


def test_every_page_is_two_clicks_from_the_readme() -> None:
    clicks = {ROOT / "README.md": 0}
    waiting = list(clicks)
    for page in waiting:
        for target in targets(page) if page.is_file() and page.suffix == ".md" else []:
            if target not in clicks:
                clicks[target] = clicks[page] + 1
                waiting.append(target)
    far = [str(page.relative_to(ROOT)) for page in PAGES if page.parent.name == "docs" and clicks.get(page, 9) > 2]
    assert far == []
