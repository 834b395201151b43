"""Every library that we depend on has its reason, and nobody is told to install another project of our name."""

from __future__ import annotations

import re
import tomllib

import pytest
from tests.docs.pages import NAMES, ROOT, read

pytestmark = pytest.mark.ours("docs/decisions.md gives the reason for everything that is installed")

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# What a user may install; the extras for developers are explained where they are listed.
EXTRAS = ("scenarios", "demo", "metrics", "redis", "scripts")
SOURCES = sorted(path for folder in ("simulator", "connector", "scenarios") for path in (ROOT / folder).rglob("*.py"))
# Installing by the import name would install another project.
BY_NAME = re.compile(r"pip install\s+(?:-\S+\s+)*[\"']?sandtable(?![\w-])")


def name_of(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None
    return found[0]


def test_every_dependency_has_its_reason() -> None:
    text = read("docs/decisions.md").lower()
    wanted = [name_of(each) for each in PROJECT["dependencies"]]
    wanted += [name_of(each) for extra in EXTRAS for each in PROJECT["optional-dependencies"][extra]]
    assert len(wanted) > 10
    assert [name for name in wanted if not re.search(rf"\b{re.escape(name.lower())}\b", text)] == []


def test_every_extra_is_on_a_page() -> None:
    pages = "\n".join(read(name) for name in NAMES)
    assert set(PROJECT["optional-dependencies"]) == {*EXTRAS, "dev", "compat", "compat-agents", "docs", "release"}
    assert [extra for extra in EXTRAS if f"'.[{extra}]'" not in pages] == []


def test_nobody_is_told_to_install_the_other_project() -> None:
    # The page of decisions warns of it.
    told = [name for name in NAMES if name != "docs/decisions.md" and BY_NAME.search(read(name))]
    told += [str(path) for path in SOURCES if BY_NAME.search(path.read_text(encoding="utf-8"))]
    assert told == []


@pytest.mark.parametrize(
    "text, by_name",
    [
        ("pip install sandtable", True),
        ("pip install 'sandtable[demo]'", True),
        ("pip install -U sandtable", True),
        ("pip install sandtable-servicenow", False),
        ("pip install ./sandtable", False),
        ("pip install '.[demo]'", False),
    ],
)
def test_the_search_finds_it(text: str, by_name: bool) -> None:  # noqa: FBT001
    assert bool(BY_NAME.search(text)) is by_name
