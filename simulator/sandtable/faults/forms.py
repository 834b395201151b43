"""JSON objects read into frozen dataclasses, and the same dataclasses described as JSON Schema.

A field is declared with `entry`: its default (or REQUIRED), what it means, and its limits. The reader names the field
that is wrong and says what would be right; the schema and the documentation come from the same declaration.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from sandtable.core.values.texts import nearest

T = TypeVar("T")
REQUIRED: Any = object()


class BadForm(ValueError):
    """A field that cannot be used: its path (`when.method`), what is wrong with it, and what to give instead."""

    def __init__(self, field: str, problem: str, fix: str) -> None:
        self.field, self.problem, self.fix = field, problem, fix
        super().__init__(f"{field}: {problem}; {fix}")


def entry(
    default: Any,
    meaning: str,
    *,
    least: float | None = None,
    most: float | None = None,
    one_of: Sequence[str] = (),
    example: Any = None,
) -> Any:
    """Declare a field of a form; a default of REQUIRED makes it one that must be given, a class is called for one."""
    metadata = {
        "meaning": meaning,
        "least": least,
        "most": most,
        "one_of": tuple(one_of),
        "example": example,
        "required": default is REQUIRED,
    }
    if default is REQUIRED:
        return dataclasses.field(metadata=metadata)
    if isinstance(default, type):
        return dataclasses.field(default_factory=default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def read(form: type[T], given: object, where: str = "") -> T:
    """Return a form filled in from a parsed JSON object; `where` is the path that fields are named below.

    Raises BadForm for an unknown field, a missing one, and a value that is no good.
    """
    if not isinstance(given, Mapping):
        raise BadForm(where or "body", f"must be a JSON object, not {_shown(given)}", _listing(form))
    fields = {item.name: item for item in dataclasses.fields(form)}  # type: ignore[arg-type]
    for name in given:
        if name not in fields:
            near = nearest(str(name), fields)
            fix = f"did you mean {near}?" if near else _listing(form)
            raise BadForm(_path(where, str(name)), "is no field here", fix)
    hints = _hints(form)  # type: ignore[arg-type]
    values = {}
    for name, item in fields.items():
        if name in given:
            values[name] = _value(hints[name], given[name], _path(where, name), item.metadata)
        elif item.metadata.get("required"):
            raise BadForm(_path(where, name), "is missing", f"give {item.metadata['meaning']}")
    try:
        return form(**values)
    except BadForm as error:
        raise BadForm(_path(where, error.field), error.problem, error.fix) from None


def schema(form: type) -> dict[str, Any]:
    """Return the JSON Schema of a form."""
    hints = _hints(form)
    properties: dict[str, Any] = {}
    required = []
    for item in dataclasses.fields(form):
        found = _schema_of(hints[item.name], item.metadata)
        found["description"] = item.metadata["meaning"]
        if item.metadata["example"] is not None:
            found["example"] = item.metadata["example"]
        if item.metadata["required"]:
            required.append(item.name)
        elif isinstance(item.default, str | int | float | bool):
            found["default"] = item.default
        properties[item.name] = found
    described: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        described["required"] = required
    return described


def as_json(form: Any) -> dict[str, Any]:
    """Return a filled-in form as the JSON object that reads back as the same; what is at its default is left out."""
    shown: dict[str, Any] = {}
    for item in dataclasses.fields(form):
        value = getattr(form, item.name)
        if dataclasses.is_dataclass(value):
            value = as_json(value)
            if value:
                shown[item.name] = value
        elif item.metadata["required"] or value != _default(item):
            shown[item.name] = list(value) if isinstance(value, tuple) else value
    return shown


def _default(item: dataclasses.Field[Any]) -> Any:
    if item.default_factory is not dataclasses.MISSING:
        return item.default_factory()
    return item.default


# A pure function of the class, so remembering it shares no state.
@lru_cache(maxsize=256)
def _hints(form: type) -> dict[str, Any]:
    return get_type_hints(form)


def _path(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _listing(form: Any) -> str:
    names = [item.name for item in dataclasses.fields(form)]
    return f"the fields are {', '.join(names)}" if names else "there are no fields"


def _shown(value: object) -> str:
    if value is None:
        return "null"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _optional(kind: Any) -> tuple[Any, bool]:
    """Return a type without None, and whether None was part of it."""
    if get_origin(kind) in (Union, types.UnionType):
        left = [each for each in get_args(kind) if each is not type(None)]
        if len(left) == 1:
            return left[0], True
    return kind, False


def _value(kind: Any, value: object, where: str, metadata: Mapping[str, Any]) -> Any:
    kind, optional = _optional(kind)
    if value is None and optional:
        return None
    if dataclasses.is_dataclass(kind):
        return read(kind, value, where)  # type: ignore[arg-type]
    if get_origin(kind) is tuple:
        if not isinstance(value, list | tuple):
            raise BadForm(where, f"must be a list, not {_shown(value)}", f"give {metadata['meaning']}")
        of = get_args(kind)[0]
        return tuple(_value(of, each, f"{where}[{index}]", metadata) for index, each in enumerate(value))
    if get_origin(kind) is not None:
        return _texts(value, where)
    reader = _READERS.get(kind)
    return reader(value, where, metadata) if reader is not None else value


def _texts(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise BadForm(where, f"must be an object of names and texts, not {_shown(value)}", 'such as {"name": "value"}')
    return {str(name): _text(each, _path(where, str(name)), {}) for name, each in value.items()}


def _text(value: object, where: str, metadata: Mapping[str, Any]) -> str:
    if not isinstance(value, str):
        raise BadForm(where, f"must be a text, not {_shown(value)}", "put it in quotation marks")
    allowed = metadata.get("one_of") or ()
    if allowed and value not in allowed:
        raise BadForm(where, f"cannot be {_shown(value)}", f"one of {', '.join(map(repr, allowed))}")
    return value


def _whole(value: object, where: str, metadata: Mapping[str, Any]) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadForm(where, f"must be a whole number, not {_shown(value)}", _range(metadata))
    return int(_limited(value, where, metadata))


def _number(value: object, where: str, metadata: Mapping[str, Any]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadForm(where, f"must be a number, not {_shown(value)}", _range(metadata))
    return float(_limited(value, where, metadata))


def _limited(value: float, where: str, metadata: Mapping[str, Any]) -> float:
    least, most = metadata.get("least"), metadata.get("most")
    if (least is not None and value < least) or (most is not None and value > most):
        raise BadForm(where, f"is out of range: {value}", _range(metadata))
    return value


def _range(metadata: Mapping[str, Any]) -> str:
    least, most = metadata.get("least"), metadata.get("most")
    if least is not None and most is not None:
        return f"give one from {least} to {most}"
    if least is not None:
        return f"give one that is at least {least}"
    return "write it without quotation marks"


def _truth(value: object, where: str, metadata: Mapping[str, Any]) -> bool:
    if not isinstance(value, bool):
        raise BadForm(where, f"must be true or false, not {_shown(value)}", "write it without quotation marks")
    return value


_READERS: Mapping[Any, Any] = types.MappingProxyType({str: _text, int: _whole, float: _number, bool: _truth})
_NAMES: Mapping[Any, str] = types.MappingProxyType({str: "string", int: "integer", float: "number", bool: "boolean"})


def _schema_of(kind: Any, metadata: Mapping[str, Any]) -> dict[str, Any]:
    kind, optional = _optional(kind)
    if dataclasses.is_dataclass(kind):
        return schema(kind)  # type: ignore[arg-type]
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _schema_of(get_args(kind)[0], metadata)}
    if get_origin(kind) is not None:
        return {"type": "object", "additionalProperties": {"type": "string"}}
    found: dict[str, Any] = {}
    if kind in _NAMES:
        found["type"] = [_NAMES[kind], "null"] if optional else _NAMES[kind]
    if kind is str and metadata["one_of"]:
        found["enum"] = list(metadata["one_of"])
    if kind in (int, float):
        limits = (("minimum", metadata["least"]), ("maximum", metadata["most"]))
        found |= {name: limit for name, limit in limits if limit is not None}
    return found
