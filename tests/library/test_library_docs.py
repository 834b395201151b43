"""The pages about using the instance from tests leave nothing out; tests/docs runs what is on them."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path

import pytest
import yaml

from sandtable import SimulatedInstance, mock_servicenow
from sandtable.cli.record import record
from sandtable.pytest import plugin as pytest_plugin
from sandtable.pytest.wishes import Wishes

pytestmark = pytest.mark.ours("the pages about using the instance from tests say all there is")
ROOT = Path(__file__).resolve().parents[2]
DOCS, EXAMPLES = ROOT / "docs", ROOT / "examples"
PAGES = (
    "quick-start.md",
    "in-process.md",
    "pytest.md",
    "record-and-replay.md",
    "docker.md",
    "github-actions.md",
    "testcontainers.md",
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(page(name)) if kind == language]


def first_cells(name: str) -> set[str]:
    """Return what stands in backticks in the first column of the tables of a page."""
    rows = re.findall(r"^\| ([^|]+)\|", page(name), re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`-*([\w-]+)", row)}


def test_printed_examples_are_the_files() -> None:
    for name, file in (("in-process.md", "test_in_process.py"), ("pytest.md", "test_client.py")):
        code = (EXAMPLES / file).read_text(encoding="utf-8").partition('"""\n\n')[2]
        assert code in blocks(name, "python"), file


def test_the_workflow_is_the_file() -> None:
    service, *others = blocks("github-actions.md", "yaml")
    assert service in (EXAMPLES / "github-actions.yml").read_text(encoding="utf-8")
    assert all(isinstance(yaml.safe_load(block), list) for block in others)


def test_every_member_of_an_instance_is_told() -> None:
    members = {name for name in vars(SimulatedInstance) if not name.startswith("_")} | {"url", "admin", "integration"}
    assert members - set(re.findall(r"`(\w+)", page("in-process.md"))) == set()


def test_every_argument_is_told() -> None:
    assert set(inspect.signature(mock_servicenow).parameters) <= first_cells("in-process.md")
    assert {each.name for each in dataclasses.fields(Wishes)} <= first_cells("pytest.md")
    assert all(each.name in pytest_plugin.MARKER_HELP for each in dataclasses.fields(Wishes))
    options = {option.lstrip("-") for parameter in record.params for option in parameter.opts}
    assert options <= first_cells("record-and-replay.md")


def test_every_fixture_is_told() -> None:
    source = Path(inspect.getfile(pytest_plugin)).read_text(encoding="utf-8")
    fixtures = re.findall(r"@pytest\.fixture.*\ndef (\w+)", source)
    assert len(fixtures) == 4
    assert set(fixtures) <= first_cells("pytest.md")


@pytest.mark.parametrize("name", PAGES)
def test_links_between_these_pages_lead_somewhere(name: str) -> None:
    for target, anchor in re.findall(r"\]\(([\w.-]+\.md)?(?:#([\w-]+))?\)", page(name)):
        if target in PAGES and anchor:
            headings = re.findall(r"^#+ (.+)$", page(target), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
    for path in re.findall(r"`((?:docker|examples)/[\w./-]+)`", page(name)):
        assert (ROOT / path).exists(), path
