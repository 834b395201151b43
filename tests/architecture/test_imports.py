"""Who may import whom, read off the source. The picture is in ARCHITECTURE.md."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.ours("the doors between the rooms are the ones ARCHITECTURE.md draws")

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {
    name: ROOT / folder / name
    for folder, name in (
        ("simulator", "sandtable"),
        ("connector", "sandtable_connector"),
        ("scenarios", "sandtable_scenarios"),
    )
}

# Longest prefix wins. Each room names what it may import beside the standard library and itself.
DOORS: dict[str, frozenset[str]] = {
    "sandtable.core": frozenset(),
    "sandtable.apps": frozenset({"sandtable.core"}),
    "sandtable.oauth": frozenset({"sandtable.core", "jwt", "cryptography"}),
    "sandtable.faults": frozenset({"sandtable.core"}),
    "sandtable.web": frozenset(
        {
            "sandtable.core",
            "sandtable.oauth",
            "sandtable.faults",
            "sandtable.worlds",
            "sandtable.settings",
            "flask",
            "werkzeug",
            "defusedxml",
        }
    ),
    "sandtable": frozenset(
        {
            "sandtable.core",
            "sandtable.apps",
            "sandtable.oauth",
            "sandtable.faults",
            "sandtable.web",
            "flask",
            "werkzeug",
            "cheroot",
            "click",
            "requests",
            "urllib3",
            "httpx",
            "anyio",
            "cryptography",
            "faker",
            "pytest",
            "rich",
            "defusedxml",
            "jwt",
            "yaml",
            "testcontainers",
        }
    ),
    # The demo plays all three parts together, as a test would.
    "sandtable.demo": frozenset({"sandtable", "sandtable_connector", "click", "rich", "requests", "faker", "yaml"}),
    "sandtable_connector": frozenset(
        {"requests", "urllib3", "jwt", "cryptography", "pydantic", "babel", "click", "yaml", "rich", "cheroot"}
    ),
    "sandtable_scenarios": frozenset(
        {
            "hypothesis",
            "requests",
            "urllib3",
            "jwt",
            "cryptography",
            "faker",
            "pytest",
            "click",
            "rich",
            "yaml",
            "xdist",
            "redis",
            "_pytest",
        }
    ),
}
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
NOT_IN_CORE = {"socket", "socketserver", "http", "urllib.request", "ssl", "asyncio", "subprocess", "multiprocessing"}
LONGEST_MODULE = 500


def modules() -> Iterator[tuple[str, Path]]:
    """Yield the dotted name and the path of every module of the three packages."""
    for package, folder in SOURCES.items():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            yield ".".join((package, *(part for part in parts if part != "__init__"))), path


def imported(name: str, path: Path) -> Iterator[tuple[str, int]]:
    """Yield each module that a source file imports at any depth, with its line; relative imports are made absolute."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield stem, node.lineno
            for alias in node.names:
                yield f"{stem}.{alias.name}", node.lineno


def room_of(name: str) -> str:
    return max((room for room in DOORS if name == room or name.startswith(room + ".")), key=len)


def allowed(name: str, target: str) -> bool:
    top = target.split(".")[0]
    # _typeshed exists for type checkers only, and names what the standard library has no names for.
    if top in sys.stdlib_module_names or top in ("__future__", "_typeshed"):
        return True
    room = room_of(name)
    if target == room or target.startswith(room + "."):
        return True
    return any(target == door or target.startswith(door + ".") or door.startswith(target + ".") for door in DOORS[room])


def complaints(sources: Iterator[tuple[str, Path]]) -> list[str]:
    lines = []
    for name, path in sources:
        for target, line in imported(name, path):
            if not allowed(name, target):
                lines.append(f"{path}:{line}: {name} may not import {target}")
            if name.startswith("sandtable.core") and any(
                target == n or target.startswith(n + ".") for n in NOT_IN_CORE
            ):
                lines.append(f"{path}:{line}: the core opens no socket and starts no process, yet imports {target}")
    return lines


def clock_readers(name: str, path: Path) -> list[str]:
    return [
        f"{path}:{node.lineno}: {node.func.value.id}.{node.func.attr}() in {name}; use the instance's clock or random"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in WALL_CLOCK
    ]


def test_every_import_goes_through_a_door() -> None:
    assert complaints(modules()) == []


def test_no_wall_clock_and_no_shared_randomness_behind_the_web() -> None:
    found = [line for name, path in modules() if name.startswith(TIMELESS) for line in clock_readers(name, path)]
    assert found == []


def test_no_module_has_outgrown_its_room() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for _, path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    }
    assert long == {}


@pytest.mark.parametrize(
    "name, source",
    [
        ("sandtable.core.planted", "import flask"),
        ("sandtable.core.planted", "import socket"),
        ("sandtable.core.planted", "from sandtable.web import app"),
        ("sandtable.core.planted", "def f():\n    from ..apps import itsm"),
        ("sandtable.web.planted", "from sandtable.apps import itsm"),
        ("sandtable_connector.planted", "from sandtable.core import query"),
        ("sandtable_connector.planted", "import flask"),
        ("sandtable_scenarios.planted", "import sandtable_connector"),
        ("sandtable_scenarios.planted", "from sandtable import inprocess"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, name: str, source: str) -> None:
    path = tmp_path / "planted.py"
    path.write_text(source, encoding="utf-8")
    assert complaints(iter([(name, path)])) != []


def test_a_planted_clock_is_found(tmp_path: Path) -> None:
    path = tmp_path / "planted.py"
    path.write_text("import time\nnow = time.time()", encoding="utf-8")
    assert clock_readers("sandtable.core.planted", path) != []
