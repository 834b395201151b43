"""What other modules may use says what it promises."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.ours("public modules, classes and functions say what they promise")

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("simulator", "connector", "scenarios")
# Read like a field, or drawn by Hypothesis as a step: what they are is their name.
NAMED = ("property", "cached_property", "rule(", "initialize(", "overload")
# Methods of protocols that their classes do not name as bases; the protocol says what they promise.
OF_PROTOCOLS = {
    "sandtable_connector.schemas.schema": ("Node", "check"),
    "sandtable_scenarios.targets.connectors": ("ConnectorTarget", "execute", "restart", "begin_story", "close"),
}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def sources() -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__"), path


def silent(tree: ast.Module | ast.ClassDef, before: str = "") -> Iterator[str]:
    """Yield the dotted names of the public definitions that have no docstring of their own."""
    for node in tree.body:
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node) and not any(ast.unparse(each).startswith(NAMED) for each in node.decorator_list):
            yield before + node.name
        # A protocol that only names members sends the reader to the class where each is described.
        elsewhere = "described in `" in (ast.get_docstring(node) or "")
        if isinstance(node, ast.ClassDef) and not elsewhere:
            yield from silent(node, f"{before}{node.name}.")


def inherited(module: Any, name: str) -> bool:
    """Whether a method has the promise of the method that it overrides."""
    owner, _, method = name.rpartition(".")
    return bool(owner) and bool(inspect.getdoc(getattr(getattr(module, owner), method)))


def test_every_module_says_what_it_is() -> None:
    assert [
        name for name, path in sources() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ] == []


def test_every_public_name_says_what_it_promises() -> None:
    found = []
    for name, path in sources():
        known = OF_PROTOCOLS.get(name, ())[1:]
        for each in silent(ast.parse(path.read_text(encoding="utf-8"))):
            if each.rpartition(".")[2] not in known and not inherited(importlib.import_module(name), each):
                found.append(f"{path.relative_to(ROOT)}: {each}")
    assert found == []


@pytest.mark.parametrize("name", OF_PROTOCOLS)
def test_the_protocols_say_it(name: str) -> None:
    protocol, *methods = OF_PROTOCOLS[name]
    module = importlib.import_module(name)
    assert [each for each in methods if not inspect.getdoc(getattr(getattr(module, protocol), each))] == []


def test_a_planted_silence_is_found() -> None:
    tree = ast.parse(
        'class A:\n    "Words."\n    def f(self): ...\n    @property\n    def g(self): ...\n\ndef h(): ...'
    )
    assert list(silent(tree)) == ["A.f", "h"]
