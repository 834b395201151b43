"""Who may import whom, read off the source and held against `floors.toml`. The picture is in ARCHITECTURE.md."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.ours("imports point down the floors that ARCHITECTURE.md draws, and no room is crowded")

ROOT = Path(__file__).resolve().parents[2]
PLAN: dict[str, Any] = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))
PACKAGES: dict[str, Any] = PLAN["packages"]
LIMITS: dict[str, Any] = PLAN["limits"]

# Names that read the machine's clock or a shared source of randomness; in these rooms both are fields of the instance.
TIMELESS = ("sandtable.core", "sandtable.apps", "sandtable.oauth", "sandtable.faults")
WALL_CLOCK = {
    ("time", "time"),
    ("time", "monotonic"),
    ("time", "sleep"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("random", "random"),
    ("random", "randint"),
    ("random", "choice"),
    ("uuid", "uuid4"),
    ("os", "urandom"),
    ("secrets", "token_hex"),
    ("secrets", "token_urlsafe"),
    ("secrets", "token_bytes"),
}
NOT_IN_CORE = ("socket", "socketserver", "http", "urllib.request", "ssl", "asyncio", "subprocess", "multiprocessing")


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name, where it is, and what it imports at any depth, with the line."""

    name: str
    path: Path
    imports: tuple[tuple[str, int], ...]


def read(name: str, path: Path) -> Module:
    return Module(name, path, tuple(imported(name, path)))


def imported(name: str, path: Path) -> Iterator[tuple[str, int]]:
    """Yield what a file imports; relative imports are made absolute, those for type checking count like any other."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{stem}.{alias.name}", node.lineno


@lru_cache(maxsize=1)
def modules() -> tuple[Module, ...]:
    """Return every module of the packages."""
    found = []
    for package, plan in PACKAGES.items():
        folder = ROOT / plan["folder"]
        for path in sorted((folder / package).rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            found.append(read(".".join(part for part in parts if part != "__init__"), path))
    return tuple(found)


def longest(name: str, rooms: Iterator[str]) -> str | None:
    """Return the longest of the room names that a dotted name is in, or None."""
    return max((room for room in rooms if name == room or name.startswith(f"{room}.")), key=len, default=None)


def floors_of(package: str) -> dict[str, int]:
    return {f"{package}.{room}": level for level, floor in enumerate(PACKAGES[package]["floors"]) for room in floor}


def complaint(module: Module, target: str) -> str | None:
    """Return why a module may not import something, or None."""
    package, _, inside = module.name.partition(".")
    top = target.partition(".")[0]
    # _typeshed exists for type checkers only, and names what the standard library has no names for.
    if top in sys.stdlib_module_names or top in ("__future__", "_typeshed"):
        closed = module.name.startswith("sandtable.core") and longest(target, iter(NOT_IN_CORE))
        return "the core opens no socket and starts no process" if closed else None
    if top != package:
        outside: dict[str, list[str]] = PACKAGES[package]["outside"]
        room = longest(inside, iter(outside)) if inside else None
        allowed = outside[room] if room is not None else outside.get("", [])
        return (
            None if top in allowed else f"{room or package} may import {', '.join(allowed) or 'nothing'} from outside"
        )
    floors = floors_of(package)
    own, other = longest(module.name, iter(floors)), longest(target, iter(floors))
    if not floors or own is None or own == other:
        return None  # the package's own face may import all of it
    if other is None:
        return f"{target} is in no room"
    for room, shut in PACKAGES[package].get("never", {}).items():
        if longest(inside, iter([room])) and longest(other, (f"{package}.{each}" for each in shut)):
            return f"{room} and {other} meet in the assembly only"
    return None if floors[other] < floors[own] else f"{other} does not stand on a floor below {own}"


def complaints(sources: tuple[Module, ...]) -> list[str]:
    return [
        f"{module.path}:{line}: {module.name} may not import {target}: {why}"
        for module in sources
        for target, line in module.imports
        if (why := complaint(module, target)) is not None
    ]


def circles(sources: tuple[Module, ...]) -> list[set[str]]:
    """Return the sets of modules that import each other, directly or through others."""
    names = {module.name for module in sources}
    arrows = {
        module.name: {
            found for target, _ in module.imports if (found := longest(target, iter(names))) and found != module.name
        }
        for module in sources
    }
    # What imports nothing that is left is taken away, until only circles and what leads to them remain; then backwards.
    left = dict(arrows)
    for _ in range(2):
        while free := [name for name in left if not left[name] & left.keys()]:
            for name in free:
                del left[name]
        turned: dict[str, set[str]] = {name: set() for name in left}
        for name in left:
            for target in left[name] & left.keys():
                turned[target].add(name)
        left = turned
    return [set(left)] if left else []


def clock_readers(name: str, path: Path) -> list[str]:
    return [
        f"{path}:{node.lineno}: {node.func.value.id}.{node.func.attr}() in {name}; use the instance's clock or random"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in WALL_CLOCK
    ]


def test_every_import_points_down() -> None:
    assert complaints(modules()) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(modules()) == []


def test_every_module_stands_on_a_floor() -> None:
    homeless = [
        module.name
        for module in modules()
        if PACKAGES[module.name.partition(".")[0]]["floors"]
        and module.name.count(".") > 0
        and longest(module.name, iter(floors_of(module.name.partition(".")[0]))) is None
        and not module.name.endswith("__main__")
        and not any(room.startswith(f"{module.name}.") for room in floors_of(module.name.partition(".")[0]))
    ]
    assert homeless == []


def test_every_room_of_the_plan_exists() -> None:
    names = {module.name for module in modules()}
    assert [room for package in PACKAGES for room in floors_of(package) if room not in names] == []
    assert [folder for folder in LIMITS["rooms"] if not (ROOT / folder).is_dir()] == []
    assert [path for path in LIMITS["modules"] if not (ROOT / path).is_file()] == []


def test_no_wall_clock_and_no_shared_randomness_behind_the_web() -> None:
    found = [
        line for each in modules() if each.name.startswith(TIMELESS) for line in clock_readers(each.name, each.path)
    ]
    assert found == []


def test_no_module_has_outgrown_its_room() -> None:
    long = {
        str(each.path.relative_to(ROOT)): count
        for each in modules()
        if (count := len(each.path.read_text(encoding="utf-8").splitlines())) > LIMITS["lines_of_a_module"]
    }
    assert {path: count for path, count in long.items() if path not in LIMITS["modules"]} == {}
    assert [path for path in LIMITS["modules"] if path not in long] == []


def test_no_room_is_crowded() -> None:
    rooms: dict[str, int] = {}
    for each in modules():
        if each.path.name != "__init__.py":
            folder = str(each.path.parent.relative_to(ROOT))
            rooms[folder] = rooms.get(folder, 0) + 1
    crowded = {folder for folder, count in rooms.items() if count > LIMITS["modules_in_a_room"]}
    assert crowded == set(LIMITS["rooms"])


def test_every_room_has_a_face_that_says_what_it_promises() -> None:
    faceless = [
        str(path.parent.relative_to(ROOT))
        for package, plan in PACKAGES.items()
        for path in (ROOT / plan["folder"] / package).rglob("__init__.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert faceless == []


def test_the_page_draws_the_floors() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawn = page.partition("```floors\n")[2].partition("```")[0]
    floors: dict[str, list[list[str]]] = {package: [] for package in PACKAGES}
    for line in drawn.splitlines():
        hall, _, rooms = line.rpartition(": ")
        package = hall if hall in PACKAGES else "sandtable"
        hall = "" if hall in PACKAGES else hall
        floors[package] += [
            [f"{hall}.{room}".lstrip(".") for room in floor.split(", ")] for floor in rooms.split(" < ")
        ]
    assert floors == {package: plan["floors"] for package, plan in PACKAGES.items()}


@pytest.mark.parametrize(
    "name, source",
    [
        ("sandtable.core.values.planted", "import flask"),
        ("sandtable.core.platform.planted", "import socket"),
        ("sandtable.core.platform.planted", "from sandtable.web import app"),
        ("sandtable.core.platform.planted", "def f():\n    from ...apps import itsm"),
        ("sandtable.core.schema.planted", "from sandtable.core.platform.instance import Instance"),
        ("sandtable.core.behaviour.planted", "from sandtable.core.imports import transform"),
        ("sandtable.web.wire.planted", "from sandtable.web.steps import cors"),
        ("sandtable.web.apis.planted", "from sandtable.apps import itsm"),
        ("sandtable_connector.planted", "from sandtable.core import query"),
        ("sandtable_connector.planted", "import flask"),
        ("sandtable_scenarios.planted", "import sandtable_connector"),
        ("sandtable_scenarios.planted", "from sandtable import library"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, name: str, source: str) -> None:
    path = tmp_path / "planted.py"
    path.write_text(source, encoding="utf-8")
    assert complaints((read(name, path),)) != []


def test_a_planted_circle_is_found(tmp_path: Path) -> None:
    sources = []
    for name, source in (
        ("p.a", "from p import b"),
        ("p.b", "from p.c import x"),
        ("p.c", "import p.a"),
        ("p.d", "import p.a"),
    ):
        path = tmp_path / f"{name}.py"
        path.write_text(source, encoding="utf-8")
        sources.append(read(name, path))
    assert circles(tuple(sources)) == [{"p.a", "p.b", "p.c"}]


def test_a_planted_clock_is_found(tmp_path: Path) -> None:
    path = tmp_path / "planted.py"
    path.write_text("import time\nnow = time.time()", encoding="utf-8")
    assert clock_readers("sandtable.core.planted", path) != []
