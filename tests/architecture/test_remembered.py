"""What an instance remembers under a name belongs to one module; two would be handed each other's values."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "simulator" / "sandtable"


def names_of(path: Path) -> set[str]:
    """Return the names under which a module has something remembered: a text, or the first of a tuple."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "cached"):
            continue
        key = node.args[0] if node.args else None
        first = key.elts[0] if isinstance(key, ast.Tuple) and key.elts else key
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            found.add(first.value)
    return found


@pytest.mark.ours("what is remembered under a name is one thing")
def test_a_name_is_used_by_one_module() -> None:
    users: dict[str, list[str]] = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        for name in names_of(path):
            users[name].append(str(path.relative_to(ROOT)))
    assert len(users) > 30
    assert {name: modules for name, modules in users.items() if len(modules) > 1} == {}
