"""Variables made ready for templates: dotted names become paths as well, objects tell themselves as JSON, lists too.

Source: Kibana docs, "Rule action variables"; observed Kibana behaviour (names with dots inside lists and objects).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandtable_connector.templates.script_values import UNDEFINED, Bag, Function, Row, is_index, ordered, script_value
from sandtable_connector.values.javascript_json import json_text


def prepared(variables: Mapping[str, Any]) -> Bag:
    """Return a copy of variables as templates see them; nothing in it is shared with what was given."""
    result: Bag = script_value(variables)
    _spread_dots(result)
    _give_texts(result)
    return result


def _spread_dots(given: Bag | Row) -> None:
    """Add to every object the path that each of its dotted names spells; what is there already is kept beside it."""
    names = list(given) if isinstance(given, Bag) else [str(at) for at in range(len(given))] + list(given.members)
    for name in names:
        value = _get(given, name)
        if "." in name:
            _merge(given, _path(name, value))
            value = _get(given, name)
        if isinstance(value, Bag | Row):
            _spread_dots(value)


def _path(name: str, value: Any) -> Bag:
    for part in reversed(name.split(".")):
        value = Bag({part: value})
    result: Bag = value
    return result


def _get(given: Bag | Row, name: str) -> Any:
    if isinstance(given, Bag):
        return given.get(name, UNDEFINED)
    return given[int(name)] if is_index(name) and int(name) < len(given) else given.members.get(name, UNDEFINED)


def _set(given: Bag | Row, name: str, value: Any) -> None:
    if isinstance(given, Bag):
        new = name not in given
        given[name] = value
        if new and is_index(name):
            members = ordered(given.items())
            given.clear()
            given.update(members)
    elif is_index(name):
        given.extend([None] * (int(name) + 1 - len(given)))
        given[int(name)] = value
    else:
        given.members[name] = value


def _merge(given: Bag | Row, more: Bag | Row) -> None:
    """Put what `more` holds into `given`, objects and lists member by member, as lodash's merge does."""
    pairs = list(more.items()) if isinstance(more, Bag) else [(str(at), item) for at, item in enumerate(more)]
    for name, value in pairs:
        if name == "__proto__":
            continue
        if not isinstance(value, Bag | Row):
            if value is not UNDEFINED:
                _set(given, name, value)
            continue
        there = _get(given, name)
        if isinstance(value, Row):
            into: Bag | Row = there if isinstance(there, Row) else Row()
        else:
            into = there if isinstance(there, Bag | Row) else Bag()
        _merge(into, value)
        _set(given, name, into)


def _give_texts(value: Any) -> None:
    if isinstance(value, Bag):
        value.speaks = "toString" not in value
        for item in value.values():
            _give_texts(item)
    elif isinstance(value, Row):
        value.members["asJSON"] = Function("", 0, lambda _: json_text(value))
        for item in value:
            _give_texts(item)
