"""To add a thing takes what CONTRIBUTING.md says, and no file of a folder it names is left out of its tuple."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.ours("CONTRIBUTING.md is true, and nothing that was written is forgotten in a tuple")

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
TABLE = ROW.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))[2:]
TUPLES = {thing: (file, place.strip("`")) for thing, file, place in TABLE if place != "nothing"}


def offered(name: str) -> Callable[[ModuleType], list[Any]]:
    """What a module offers under one name: a value, or a tuple of values."""

    def find(module: ModuleType) -> list[Any]:
        value = getattr(module, name, ())
        return list(value) if isinstance(value, tuple) else [value]

    return find


def faults(module: ModuleType) -> list[Any]:
    own = [value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__]
    return [value for value in own if isinstance(getattr(value, "kind", None), str)]


def whole(name: str) -> Callable[[ModuleType], list[Any]]:
    """A module that is itself what stands in the tuple, if it offers anything under a name."""
    return lambda module: [module] if getattr(module, name, ()) else []


# How a file offers its things, and the files of the folder that have none because the others share them.
WAYS: dict[str, tuple[Callable[[ModuleType], list[Any]], set[str]]] = {
    "installed application": (
        offered("APPLICATION"),
        {"catalog_answers", "change_states", "change_terms", "data_files", "elastic", "shown"}
        | {"cicd_applications", "cicd_tracking", "cicd_update_sets"},
    ),
    "out-of-the-box behaviour": (offered("RULES"), {"child_counts", "twin_state"}),
    "web API": (offered("blueprint"), set()),
    "OAuth grant": (offered("GRANT"), {"base"}),
    "fault": (faults, set()),
    "operation of the test plane": (
        offered("OPERATIONS"),
        {"plane_answers", "guard", "openapi", "operations"} | {"file_formats", "package_files", "unknown_columns"},
    ),
    "check": (whole("RULES"), {"pushes"}),
    "step of a story": (whole("ACTIONS"), {"connecting", "living", "sending", "values", "wrong_assertions"}),
    "scenario": (whole("SCENARIOS"), set()),
}


def values(place: str) -> tuple[Any, ...]:
    module, _, name = place.rpartition(".")
    found = getattr(importlib.import_module(module), name)
    assert isinstance(found, tuple), place
    return found


def modules(pattern: str) -> Iterable[ModuleType]:
    for path in sorted(ROOT.glob(re.sub(r"<\w+>", "*", pattern))):
        if path.stem != "__init__":
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield importlib.import_module(".".join(parts[1:]))


def test_the_table_is_read() -> None:
    assert set(TUPLES) == set(WAYS)
    assert len(TABLE) > len(TUPLES)


@pytest.mark.parametrize("thing", WAYS)
def test_every_file_is_in_the_tuple(thing: str) -> None:
    file, place = TUPLES[thing]
    pattern = re.search(r"`([^`]*/[^`]*)`", file)
    assert pattern is not None
    find, shared = WAYS[thing]
    registered = values(place)
    names = {module.__name__.rpartition(".")[2]: find(module) for module in modules(pattern[1])}
    assert names
    assert {name for name, things in names.items() if not things} == shared
    left_out = [name for name, things in names.items() if any(each not in registered for each in things)]
    assert left_out == []


def test_every_blueprint_is_in_the_tuple_wherever_it_is() -> None:
    registered = values("sandtable.web.app.BLUEPRINTS")
    found = [module for module in modules("simulator/sandtable/web/**/*.py") if hasattr(module, "blueprint")]
    assert [module.__name__ for module in found if module.blueprint not in registered] == []


@pytest.mark.parametrize("thing", [thing for thing, _, place in TABLE if place == "nothing"])
def test_what_needs_no_line_is_found_by_its_place(thing: str) -> None:
    (file,) = (file for name, file, _ in TABLE if name == thing)
    pattern = re.search(r"`([^`]*/[^`]*)`", file)
    assert pattern is not None
    assert list(ROOT.glob(re.sub(r"<\w+>", "*", pattern[1]))) != []
