"""A small schema language whose complaints can be worded as either of the two libraries Kibana has used.

A node checks a value and returns the value with defaults filled in, and what is wrong with it. ``worded`` turns the
complaints into the text of ``config-schema`` (the first one only, unions spelled out) or ``zod`` (all of them).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sandtable_connector.errors import ABSENT
from sandtable_connector.values.javascript_json_errors import complaint

Style = Literal["config-schema", "zod"]
Path = tuple[str | int, ...]

_JOI_NAMES = {dict: "Object", list: "Array", str: "string", bool: "boolean", int: "number", float: "number"}
_ZOD_NAMES = {**_JOI_NAMES, dict: "object", list: "array"}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong at one path; ``members`` are the complaints of each member of a union, for config-schema only."""

    path: Path
    text: str
    members: tuple[Complaint, ...] = ()
    flat: tuple[Complaint, ...] = ()


Checked = tuple[Any, list[Complaint]]


class Node(Protocol):
    """One shape a value may have."""

    def check(self, value: Any, path: Path, style: Style) -> Checked:
        """Return the value with defaults, and the complaints about it."""
        ...


def type_name(value: Any, style: Style) -> str:
    """Return what a library calls the type of a JSON value, or undefined."""
    if value is ABSENT:
        return "undefined"
    if value is None:
        return "null"
    names = _JOI_NAMES if style == "config-schema" else _ZOD_NAMES
    return names.get(type(value), type(value).__name__)


def _wrong_type(expected: str, value: Any, path: Path, style: Style) -> Complaint:
    got = type_name(value, style)
    if style == "zod":
        return Complaint(path, f"Invalid input: expected {expected}, received {got}")
    if expected in ("object", "array") and isinstance(value, str):
        return Complaint(path, f"could not parse {expected} value from json input")
    if expected == "object":
        return Complaint(path, f"expected a plain object value, but found [{got}] instead.")
    return Complaint(path, f"expected value of type [{expected}] but got [{got}]")


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    def check(self, value: Any, path: Path, style: Style) -> Checked:
        return value, [] if isinstance(value, str) else [_wrong_type("string", value, path, style)]


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean with a default."""

    default: bool

    def check(self, value: Any, path: Path, style: Style) -> Checked:
        if value is ABSENT:
            return self.default, []
        return value, [] if isinstance(value, bool) else [_wrong_type("boolean", value, path, style)]


@dataclass(frozen=True, slots=True)
class Exactly:
    """One literal text."""

    text: str

    def check(self, value: Any, path: Path, style: Style) -> Checked:
        if value == self.text:
            return value, []
        worded = f"expected value to equal [{self.text}]"
        return value, [
            Complaint(path, worded if style == "config-schema" else f'Invalid input: expected "{self.text}"')
        ]


@dataclass(frozen=True, slots=True)
class Nullable:
    """Null or the inner shape; omitted means the default."""

    inner: Node
    default: Any = None

    def check(self, value: Any, path: Path, style: Style) -> Checked:
        if value is ABSENT:
            return self.default, []
        if value is None:
            return None, []
        checked, found = self.inner.check(value, path, style)
        if not found:
            return checked, []
        null = Complaint(path, "expected value to equal [null]")
        return value, [Complaint(path, "", members=(found[0], null), flat=tuple(found))]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of several shapes, tried in order."""

    members: tuple[Node, ...]

    def check(self, value: Any, path: Path, style: Style) -> Checked:
        firsts: list[Complaint] = []
        for member in self.members:
            checked, found = member.check(value, path, style)
            if not found:
                return checked, []
            firsts.append(found[0])
        return value, [Complaint(path, "", members=tuple(firsts), flat=(Complaint(path, "Invalid input"),))]


@dataclass(frozen=True, slots=True)
class Items:
    """An array."""

    item: Node

    def check(self, value: Any, path: Path, style: Style) -> Checked:
        if not isinstance(value, list):
            return value, [_wrong_type("array", value, path, style)]
        checked: list[Any] = []
        complaints: list[Complaint] = []
        for index, element in enumerate(value):
            result, found = self.item.check(element, (*path, index), style)
            checked.append(result)
            complaints += found
        return checked, complaints


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with exactly these keys; with ``open`` others are let through."""

    fields: Mapping[str, Node] = field(default_factory=dict)
    open: bool = False

    def check(self, value: Any, path: Path, style: Style) -> Checked:
        if value is ABSENT and style == "config-schema":
            value = {}  # an absent object is an empty one, whose own required keys are then missed
        if not isinstance(value, dict):
            return value, [_wrong_type("object", value, path, style)]
        checked: dict[str, Any] = dict(value) if self.open else {}
        complaints: list[Complaint] = []
        for name, node in self.fields.items():
            result, found = node.check(value.get(name, ABSENT), (*path, name), style)
            if result is not ABSENT:
                checked[name] = result
            complaints += found
        if style == "config-schema":
            # What was given comes first, in its own order, then the defaults.
            first = [name for name in value if name in checked]
            checked = {name: checked[name] for name in (*first, *(name for name in checked if name not in value))}
        unknown = [] if self.open else [str(name) for name in value if name not in self.fields]
        if unknown and style == "config-schema":
            complaints += [Complaint((*path, name), "definition for this key is missing") for name in unknown]
        elif unknown:
            keys = "key" if len(unknown) == 1 else "keys"
            named = ", ".join(f'"{name}"' for name in unknown)
            complaints.append(Complaint(path, f"Unrecognized {keys}: {named}"))
        return checked, complaints


@dataclass(frozen=True, slots=True)
class JsonObject:
    """An object, or the JSON text of one; ``rule`` returns what is wrong with it and with which member, or None."""

    rule: Callable[[dict[str, Any]], tuple[str, str] | None]

    def check(self, value: Any, path: Path, style: Style) -> Checked:
        if isinstance(value, str):
            try:
                parsed = json.loads(value, parse_constant=_refuse_constant)
            except (ValueError, RecursionError):
                return value, [Complaint(path, complaint(value))]
            value = parsed
            if value is None and style == "zod":
                return None, []  # the text is parsed before null is looked for
        if not isinstance(value, dict):
            return value, [_wrong_type("record" if style == "zod" else "object", value, path, style)]
        wrong = self.rule(value)
        if wrong is None:
            return value, []
        text, name = wrong
        return value, [Complaint((*path, name) if name and style == "zod" else path, text)]


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not valid JSON")


@dataclass(frozen=True, slots=True)
class Tagged:
    """An object whose ``tag`` says which of the shapes it must have."""

    tag: str
    shapes: Mapping[str, Fields]

    def check(self, value: Any, path: Path, style: Style) -> Checked:
        tagged = value.get(self.tag) if isinstance(value, dict) else None
        shape = self.shapes.get(tagged) if isinstance(tagged, str) else None
        if style == "zod":
            if not isinstance(value, dict):
                return value, [_wrong_type("object", value, path, style)]
            if shape is None:
                return value, [Complaint((*path, self.tag), "Invalid input")]
            return shape.check(value, path, style)
        if shape is not None:
            checked, found = shape.check(value, path, style)
            if not found:
                return checked, []
        return AnyOf(tuple(self.shapes.values())).check(value, path, style)


def worded(complaints: Sequence[Complaint], style: Style) -> str:
    """Return the text a library shows for these complaints."""
    return _as_zod(complaints) if style == "zod" else _as_config_schema(complaints[0], complaints[0].path, 0)


def _as_config_schema(complaint: Complaint, shown: Path, depth: int) -> str:
    text = complaint.text
    if complaint.members:
        indent = " " * depth
        lines = ["types that failed validation:"]
        for index, member in enumerate(complaint.members):
            # Only the nearest union puts its member's number into the path.
            at = (*complaint.path, index, *member.path[len(complaint.path) :])
            lines.append(f"{indent}- {_as_config_schema(member, at, depth + 1)}")
        text = "\n".join(lines)
    return f"[{'.'.join(map(str, shown))}]: {text}" if shown else text


def _as_zod(complaints: Sequence[Complaint]) -> str:
    flat: list[Complaint] = []
    waiting = list(complaints)
    while waiting:
        found = waiting.pop(0)
        # What a union tried is one complaint, however deep it stands.
        waiting[:0] = found.flat
        flat += () if found.flat else (found,)
    flat.sort(key=lambda found: len(found.path))
    lines = []
    for found in flat:
        lines.append(f"✖ {found.text}")
        if found.path:
            lines.append(f"  → at {_dotted(found.path)}")
    return "\n".join(lines)


def _dotted(path: Path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
