"""Checking an answer against the schema of the protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


@cache
def schema() -> Mapping[str, Any]:
    """Return the JSON schema of the protocol, a definition for each kind of line."""
    text = (files("sandtable_scenarios") / "protocol" / "schema.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


def complaints(value: object, kind: str) -> list[str]:
    """Return what is wrong with a line of that kind, by member; empty when nothing is."""
    return list(_complaints(value, schema()["$defs"][kind], kind))


def _complaints(value: Any, shape: Mapping[str, Any], where: str) -> Iterator[str]:
    wanted = shape.get("type")
    if wanted is not None:
        names = [wanted] if isinstance(wanted, str) else wanted
        kinds = tuple(kind for name in names for kind in TYPES[name])
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            yield f"{where}: {value!r:.80} is not {' or '.join(names)}"
            return
    if "enum" in shape and value not in shape["enum"]:
        yield f"{where}: {value!r:.80} is none of {', '.join(map(repr, shape['enum']))}"
    if isinstance(value, dict):
        for name in shape.get("required", ()):
            if name not in value:
                yield f"{where}.{name}: is missing"
        known = shape.get("properties", {})
        for name, inner in value.items():
            if name in known:
                yield from _complaints(inner, known[name], f"{where}.{name}")
            elif shape.get("additionalProperties") is False:
                yield f"{where}.{name}: is not known; it has {', '.join(known)}"
    elif isinstance(value, list) and "items" in shape:
        for place, inner in enumerate(value):
            yield from _complaints(inner, shape["items"], f"{where}[{place}]")
