"""What each language mode of the platform has: constructs that it refuses, and those that it does not vouch for.

Source: ServiceNow documentation, JavaScript engine feature support (Zurich): what is disallowed ends in an error, what
is not supported was never validated. Library functions and classes are the matter of `glide/language.js`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ES5, ES_LATEST, COMPATIBILITY = "es5", "es_latest", "traditional"
_MODERN = {
    "lexical_declaration": "let and const",
    "arrow_function": "arrow functions",
    "class_declaration": "classes",
    "class": "classes",
    "template_string": "template literals",
    "spread_element": "spread",
    "rest_pattern": "rest parameters",
    "object_pattern": "destructuring",
    "array_pattern": "destructuring",
    "optional_chain": "optional chaining",
    "assignment_pattern": "default parameters",
    "generator_function": "generators",
    "generator_function_declaration": "generators",
    "await_expression": "await",
    "shorthand_property_identifier": "shorthand properties",
    "computed_property_name": "computed properties",
    "import_statement": "import",
    "export_statement": "export",
}
_MODERN_OPERATORS = frozenset({"**", "??", "??=", "||=", "&&=", "**="})
_REFUSED_LATEST = {"import_statement": "import", "export_statement": "export"}
_FUNCTIONS = frozenset({"generator_function", "generator_function_declaration", "method_definition"})
_BUILTINS = frozenset(
    (b"Array", b"Boolean", b"Error", b"Function", b"Map", b"Number", b"Promise", b"RegExp", b"Set", b"String")
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A construct that the language mode of a script does not have; lines and columns count from 1."""

    construct: str
    line: int
    column: int
    text: str


def walk(node: Any) -> Iterator[Any]:
    """Yield a node of a syntax tree and all below it, in the order of the text."""
    stack = [node]
    while stack:
        each = stack.pop()
        yield each
        stack.extend(reversed(each.children))


def refusals(root: Any, raw: bytes, mode: str) -> tuple[Refusal, ...]:
    """Return the first construct of a script that its mode does not have, or nothing."""
    refused = _latest if mode == ES_LATEST else _older
    for node in walk(root):
        construct = refused(node)
        if construct:
            row, column = node.start_point
            line = raw.split(b"\n")[row].decode("utf-8", "replace")
            return (Refusal(construct, row + 1, column + 1, line.rstrip("\r")),)
    return ()


def doubts(root: Any, mode: str) -> tuple[str, ...]:
    """Return the constructs of a script that run here and that the platform does not vouch for, each once."""
    if mode != ES_LATEST:
        return ()
    found: dict[str, None] = {}
    for node in walk(root):
        kind = node.type
        if kind in ("field_definition", "method_definition") and _is_private(node) and not _has(node, "static"):
            found["private members of instances"] = None
        elif kind == "class_heritage" and node.children[-1].text in _BUILTINS:
            found["classes that extend those of the language"] = None
    return tuple(found)


def _latest(node: Any) -> str:
    kind = node.type
    if kind in _FUNCTIONS and _has(node, "async"):
        if _has(node, "*"):
            return "async generator"
        if node.parent is not None and node.parent.type == "class_body":
            return "async class method"
    if kind == "for_in_statement" and _has(node, "await"):
        return "for await"
    return _REFUSED_LATEST.get(kind, "")


def _older(node: Any) -> str:
    kind = node.type
    if kind in ("binary_expression", "augmented_assignment_expression"):
        operator = node.child_by_field_name("operator")
        return operator.type if operator is not None and operator.type in _MODERN_OPERATORS else ""
    if kind == "for_in_statement":
        operator = node.child_by_field_name("operator")
        return "for-of" if operator is not None and operator.type == "of" else ""
    return _MODERN.get(kind, "")


def _has(node: Any, token: str) -> bool:
    return any(child.type == token for child in node.children)


def _is_private(node: Any) -> bool:
    name = node.child_by_field_name("property") or node.child_by_field_name("name")
    return name is not None and name.type == "private_property_identifier"
