"""Values as a template sees them: JSON values with the members, texts and failures that JavaScript gives them.

Texts are held as UTF-16 code units, one character each, because lengths, indexes and positions count those.
Source: ECMA-262 (ToString, ordinary objects, Array.prototype), observed with Node 20.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sandtable_connector.values.javascript_json import json_text, number_text
from sandtable_connector.values.schedule import iso

# What is larger is no number in JSON.
_LARGEST = 2**1024
_LARGEST_INDEX = 2**32 - 2
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")


TOO_DEEP = "Maximum call stack size exceeded"
"""What is said of templates and values that are nested too deeply."""


class ScriptError(ValueError):
    """What JavaScript would throw; the text is its message."""


class Undefined:
    """The value of what is not there."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED = Undefined()


class Bag(dict[str, Any]):
    """An object; one that `speaks` was given a toString of its own, which tells it as JSON."""

    speaks = False

    def told(self) -> Mapping[str, Any]:
        """Return what the object tells of itself."""
        return self


class Row(list[Any]):
    """An array, with the members that were put on it beside its elements."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        super().__init__(items)
        self.members: dict[str, Any] = {}


class Function:
    """A function; called with the view it is called on."""

    def __init__(self, name: str, length: int, call: Callable[[Any], Any]) -> None:
        self.name = name
        self.length = length
        self.call = call


class SectionFunction(Function):
    """A function that makes something of the text of its section, which it may have rendered."""

    def __init__(self, apply: Callable[[Any, str, Callable[[str], str]], str]) -> None:
        super().__init__("", 2, lambda _: UNDEFINED)
        self.apply = apply


class Opaque:
    """An object of which only its text matters."""

    def __init__(self, text: str) -> None:
        self.text = text


# -- texts ------------------------------------------------------------------------------------------------------------


def units(text: str) -> str:
    """Return a text as UTF-16 code units, one character each."""
    if not text or max(text) <= "\uffff":
        return text
    raw = text.encode("utf-16-be", "surrogatepass")
    return "".join(chr(raw[at] << 8 | raw[at + 1]) for at in range(0, len(raw), 2))


def characters(text: str) -> str:
    """Return code units as the text they make; half a pair stays what it is."""
    if not any("\ud800" <= unit <= "\udfff" for unit in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def text_of(value: Any) -> str:
    """Return a value as JavaScript's ToString gives it; raises ScriptError where that throws."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, Bag):
        if "toString" in value:
            raise ScriptError("Cannot convert object to primitive value")
        return json_text(value.told()) if value.speaks else "[object Object]"
    if isinstance(value, Row):
        return ",".join("" if item is None or item is UNDEFINED else text_of(item) for item in value)
    if isinstance(value, Function):
        return f"function {value.name}() {{ [native code] }}"
    return value.text if isinstance(value, Opaque) else "undefined"


def is_true(value: Any) -> bool:
    """Return what JavaScript takes a value for where it asks for a boolean: objects are true, empty ones too."""
    if isinstance(value, Bag | Row | Function | Opaque):
        return True
    return bool(value) and not (isinstance(value, float) and math.isnan(value))


# -- from Python ------------------------------------------------------------------------------------------------------


def script_value(value: Any) -> Any:
    """Return a value as it comes out of JSON.stringify and JSON.parse: integer keys first, no NaN, dates as text."""
    if isinstance(value, str):
        return units(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if -_LARGEST < value < _LARGEST else None
    if isinstance(value, Mapping):
        return ordered((units(str(key)), script_value(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return Row(map(script_value, value))
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else units(str(value))


def ordered(members: Iterable[tuple[str, Any]]) -> Bag:
    """Return an object with its members in JavaScript's order: those named by an index first, by number."""
    given = list(members)
    if any(is_index(key) for key, _ in given):
        by_index = sorted((item for item in given if is_index(item[0])), key=lambda item: int(item[0]))
        given = by_index + [item for item in given if not is_index(item[0])]
    return Bag(given)


def is_index(name: str) -> bool:
    """Tell whether a member's name is an array index."""
    return _INDEX.fullmatch(name) is not None and int(name) <= _LARGEST_INDEX
