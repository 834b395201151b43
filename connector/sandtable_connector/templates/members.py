"""The members of values: their own, and what they inherit in JavaScript, as far as a template can reach it.

Source: ECMA-262 (ordinary objects, Object.prototype, Array.prototype); observed with Node 20.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandtable_connector.templates.script_values import (
    UNDEFINED,
    Bag,
    Function,
    Opaque,
    Row,
    ScriptError,
    is_index,
    text_of,
)
from sandtable_connector.values.javascript_json import json_text

_Method = tuple[int, Callable[[Any], Any]]


def has_member(value: Any, name: str) -> bool:
    """Tell whether an object has a member, of its own or from its prototype; no other value has."""
    return isinstance(value, Bag | Row | Opaque) and member(value, name, absent=None) is not None


def has_own(value: Any, name: str) -> bool:
    """Tell whether a primitive value or a function has a member of its own: a text's length and units."""
    if isinstance(value, str):
        return name == "length" or (is_index(name) and int(name) < len(value))
    return isinstance(value, Function) and name in ("length", "name")


class _Null:
    """What has_member sees for a member that is there and is null."""


def member(value: Any, name: str, *, absent: Any = UNDEFINED) -> Any:
    """Return a member of a value, of its own or from its prototype; ScriptError for null and undefined."""
    if value is None or value is UNDEFINED:
        raise ScriptError(f"Cannot read properties of {text_of(value)} (reading '{name}')")
    found = _own(value, name)
    if found is None:
        return _Null if absent is None else None
    if found is not UNDEFINED:
        return found
    found = _inherited(value, name, absent)
    return _Null if found is None and absent is None and name == "__proto__" else found


def _own(value: Any, name: str) -> Any:
    if isinstance(value, Bag):
        if name in value:
            return value[name]
        return Function("", 0, lambda _: json_text(value.told())) if name == "toString" and value.speaks else UNDEFINED
    if isinstance(value, Row):
        if name == "length":
            return len(value)
        if is_index(name) and int(name) < len(value):
            return value[int(name)]
        return value.members.get(name, UNDEFINED)
    if isinstance(value, str):
        if name == "length":
            return len(value)
        return value[int(name)] if is_index(name) and int(name) < len(value) else UNDEFINED
    if isinstance(value, Function) and name in ("length", "name"):
        return value.length if name == "length" else value.name
    return UNDEFINED


class _ObjectPrototype(Bag):
    """Where every object's line ends."""


def _inherited(value: Any, name: str, absent: Any) -> Any:
    """Return what a value has from its prototypes by a name, or `absent`."""
    for methods in _PROTOTYPES.get(type(value), (_OBJECT,)):
        if name in methods:
            return _method(value, name, methods)
    return absent


def _method(value: Any, name: str, methods: Mapping[str, _Method]) -> Any:
    if name == "__proto__":
        if isinstance(value, _ObjectPrototype):
            return None
        return Row() if isinstance(value, Row) else value if isinstance(value, Opaque) else _ObjectPrototype()
    if name == "constructor":
        return Function(*_CONSTRUCTORS.get(type(value), _CONSTRUCTORS[Bag]))
    length, call = methods[name]
    of_array = methods is _ARRAY

    def guarded(view: Any) -> Any:
        if (view is None or view is UNDEFINED) and (of_array or name not in _OF_NOTHING):
            if name in _NAMED_WHEN_CALLED_ON_NOTHING and of_array == (name != "toLocaleString"):
                kind = "Array" if of_array else "Object"
                raise ScriptError(f"{kind}.prototype.{name} called on null or undefined")
            raise ScriptError("Cannot convert undefined or null to object")
        return call(view)

    return Function(name, length, guarded)


def _throws(message: str) -> Callable[[Any], Any]:
    def call(_: Any) -> Any:
        raise ScriptError(message)

    return call


def _class_of(value: Any) -> str:
    if value is None:
        return "Null"
    if isinstance(value, Opaque):
        return value.text.removeprefix("[object ").removesuffix("]")
    kinds = ((bool, "Boolean"), (str, "String"), (int | float, "Number"), (Row, "Array"), (Function, "Function"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "Object")


def _items(view: Any) -> list[Any]:
    return list(view) if isinstance(view, Row | str) else []


def _unchanged(view: Any) -> Any:
    return view


def _shortened(count: int) -> Callable[[Any], Any]:
    """Return a method that changes how long its object is, by so many; what is no array is given a length by it."""

    def call(view: Any) -> Any:
        if isinstance(view, str):
            if count == -1 and view:
                raise ScriptError(f"Cannot delete property '{len(view) - 1}' of [object String]")
            raise ScriptError("Cannot assign to read only property 'length' of object '[object String]'")
        if isinstance(view, Bag):
            length = view.get("length")
            length = (
                int(length) if isinstance(length, int | float) and not isinstance(length, bool) and length > 0 else 0
            )
            view["length"] = max(length + count, 0)
            return view["length"] if count == 0 else UNDEFINED
        if isinstance(view, Row):
            return (view.pop() if view else UNDEFINED) if count else len(view)
        return UNDEFINED if count else 0

    return call


def _first_taken(view: Any) -> Any:
    if isinstance(view, Row):
        return view.pop(0) if view else UNDEFINED
    return _shortened(-1)(_without_first_change(view))


def _without_first_change(view: Any) -> Any:
    """Return what a method that writes to its array gives; a text cannot be written to."""
    if isinstance(view, str):
        raise ScriptError("Cannot assign to read only property '0' of object '[object String]'")
    return view


def _joined(view: Any) -> str:
    return text_of(Row(_items(view)))


def _replaced(view: Any) -> Row:
    items = _items(view)
    if not items:
        raise ScriptError("Invalid index : undefined")
    return Row([UNDEFINED, *items[1:]])


_NO_FUNCTION = _throws("undefined is not a function")
_OBJECT: dict[str, _Method] = {
    "__proto__": (0, _unchanged),
    "constructor": (1, _unchanged),
    "__defineGetter__": (2, _throws("Object.prototype.__defineGetter__: Expecting function")),
    "__defineSetter__": (2, _throws("Object.prototype.__defineSetter__: Expecting function")),
    "__lookupGetter__": (1, lambda _: UNDEFINED),
    "__lookupSetter__": (1, lambda _: UNDEFINED),
    "hasOwnProperty": (1, lambda view: isinstance(view, Bag) and "undefined" in view),
    "isPrototypeOf": (1, lambda _: False),
    "propertyIsEnumerable": (1, lambda view: isinstance(view, Bag) and "undefined" in view),
    "toString": (0, lambda view: f"[object {_class_of(view)}]"),
    "valueOf": (0, _unchanged),
    "toLocaleString": (0, text_of),
}
_ARRAY: dict[str, _Method] = {
    "at": (1, lambda view: next(iter(_items(view)), UNDEFINED)),
    "concat": (1, lambda view: Row(view if isinstance(view, Row) else [view])),
    "copyWithin": (2, _without_first_change),
    "fill": (1, lambda view: Row([UNDEFINED] * len(view)) if isinstance(view, Row) else _without_first_change(view)),
    "find": (1, _NO_FUNCTION),
    "findIndex": (1, _NO_FUNCTION),
    "findLast": (1, _NO_FUNCTION),
    "findLastIndex": (1, _NO_FUNCTION),
    "lastIndexOf": (1, lambda _: -1),
    "pop": (0, _shortened(-1)),
    "push": (1, _shortened(0)),
    "reverse": (0, lambda view: Row(view[::-1]) if isinstance(view, Row) else _without_first_change(view)),
    "shift": (0, _first_taken),
    "unshift": (1, _shortened(0)),
    "slice": (2, lambda view: Row(_items(view))),
    "sort": (1, lambda view: Row(sorted(view, key=text_of)) if isinstance(view, Row) else _without_first_change(view)),
    "splice": (2, lambda _: Row()),
    "includes": (1, lambda _: False),
    "indexOf": (1, lambda _: -1),
    "join": (1, _joined),
    "keys": (0, lambda _: Opaque("[object Array Iterator]")),
    "entries": (0, lambda _: Opaque("[object Array Iterator]")),
    "values": (0, lambda _: Opaque("[object Array Iterator]")),
    "forEach": (1, _NO_FUNCTION),
    "filter": (1, _NO_FUNCTION),
    "flat": (0, lambda view: Row(_items(view))),
    "flatMap": (1, _throws("flatMap mapper function is not callable")),
    "map": (1, _NO_FUNCTION),
    "every": (1, _NO_FUNCTION),
    "some": (1, _NO_FUNCTION),
    "reduce": (1, _NO_FUNCTION),
    "reduceRight": (1, _NO_FUNCTION),
    "toLocaleString": (0, _joined),
    "toString": (0, lambda view: _joined(view) if isinstance(view, Row) else f"[object {_class_of(view)}]"),
    "toReversed": (0, lambda view: Row(_items(view)[::-1])),
    "toSorted": (1, lambda view: Row(sorted(_items(view), key=text_of))),
    "toSpliced": (2, lambda view: Row(_items(view))),
    "with": (2, _replaced),
}
_PROTOTYPES: dict[type, tuple[Mapping[str, _Method], ...]] = {
    Row: (_ARRAY, _OBJECT),
    Bag: (_OBJECT,),
}
_CONSTRUCTORS: dict[type, tuple[str, int, Callable[[Any], Any]]] = {
    Bag: ("Object", 1, lambda _: Bag()),
    Row: ("Array", 1, lambda _: Row()),
    str: ("String", 1, lambda _: ""),
    int: ("Number", 1, lambda _: 0),
    float: ("Number", 1, lambda _: 0),
    bool: ("Boolean", 1, lambda _: False),
    Function: ("Function", 1, lambda _: Opaque("function anonymous(\n) {\n\n}")),
}
_OF_NOTHING = frozenset({"isPrototypeOf", "toString"})
_NAMED_WHEN_CALLED_ON_NOTHING = frozenset(
    ("concat", "find", "findIndex", "findLast", "findLastIndex", "indexOf", "forEach", "filter", "map", "every")
    + ("some", "reduce", "reduceRight", "toLocaleString")
)
