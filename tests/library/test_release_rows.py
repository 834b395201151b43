"""Each thing that the releases of 2025 and 2026 changed has a test that asserts it: `release_rows.txt` names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandtable.core.images.releases import families, release

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    tuple(part.strip() for part in line.split("|"))
    for line in Path(__file__).with_name("release_rows.txt").read_text(encoding="utf-8").splitlines()
]
# Properties that say which release it is.
NAMES = ("glide.buildname", "glide.war")


@pytest.mark.ours("a change that a release brought is asserted by the test that the table names")
@pytest.mark.parametrize("change, test", ROWS, ids=[row[0] for row in ROWS])
def test_a_change_has_its_test(change: str, test: str) -> None:
    path, _, name = test.partition("::")
    assert f"\ndef {name}(" in (ROOT / path).read_text(encoding="utf-8"), change


@pytest.mark.ours("a switch that differs between releases is read somewhere, or told not to be")
@pytest.mark.parametrize("name", [each.name for each in release(families()[-1], kind="new").switches])
def test_a_switch_is_read(name: str) -> None:
    code = (path.read_text(encoding="utf-8") for path in (ROOT / "simulator" / "sandtable").rglob("*.py"))
    # Restrictions of Basic authentication are read by their common start.
    wanted = name.removeprefix("glide.authenticate.basic_auth.")
    assert any(wanted in text for text in code) == (name not in NAMES)
