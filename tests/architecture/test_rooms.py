"""ARCHITECTURE.md names the rooms that exist, all of them, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.ours("ARCHITECTURE.md is the plan of the house as it stands")

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
# A room is a folder in one of these, and in the first of them a module too.
HALLS = (
    "simulator/sandtable",
    "simulator/sandtable/core",
    "connector/sandtable_connector",
    "scenarios/sandtable_scenarios",
)
WITH_MODULES = HALLS[0]
LONGEST_PAGE = 80
# What building makes is nobody's room.
IGNORED = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()}


def named() -> list[str]:
    """Return the paths that the picture names, patterns included: what stands before the words of each line."""
    picture = PAGE.partition("```\n")[2].partition("```")[0]
    folders: dict[int, str] = {-1: ""}
    found = []
    for line in picture.splitlines():
        depth = len(line) - len(line.lstrip())
        above = folders[max(known for known in folders if known < depth)]
        folders = {known: path for known, path in folders.items() if known < depth}
        for word in line.split():
            if not word.endswith(("/", ".py")):
                break
            found.append(above + word)
            if word.endswith("/"):
                folders[depth] = above + word
    return found


def holds_anything(folder: Path) -> bool:
    return any(path.is_file() and "__pycache__" not in path.parts for path in folder.rglob("*"))


def rooms() -> list[str]:
    found = [
        f"{path.name}/"
        for path in sorted(ROOT.iterdir())
        if path.is_dir() and not path.name.startswith(".") and path.name not in IGNORED and holds_anything(path)
    ]
    # The three roots are named with their packages.
    found = [name for name in found if name not in ("simulator/", "connector/", "scenarios/")]
    for hall in HALLS:
        found += [f"{hall}/{path.name}/" for path in sorted((ROOT / hall).iterdir()) if holds_anything(path)]
    modules = (path.name for path in sorted((ROOT / WITH_MODULES).glob("*.py")) if not path.name.startswith("__"))
    return found + [f"{WITH_MODULES}/{name}" for name in modules]


def test_every_room_that_is_named_exists() -> None:
    assert len(named()) > 40
    assert [path for path in named() if not list(ROOT.glob(path.rstrip("/")))] == []


def test_every_room_that_exists_is_named() -> None:
    there = {
        str(path.relative_to(ROOT)) + ("/" if path.is_dir() else "")
        for pattern in named()
        for path in ROOT.glob(pattern.rstrip("/"))
    }
    # A folder is named too where what is in it is.
    there |= {f"{parent}/" for path in there for parent in Path(path).parents}
    assert [room for room in rooms() if room not in there] == []


def test_the_page_is_short_and_names_the_steps_of_a_request() -> None:
    assert len(PAGE.splitlines()) < LONGEST_PAGE
    assert "`web/pipeline.py`" in PAGE
