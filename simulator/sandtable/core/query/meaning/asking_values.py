"""Conditions that compare a field with values: equality, lists, texts, comparisons, hierarchies, dynamic filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from sandtable.core.query.language.context import QueryContext
from sandtable.core.query.meaning.asking import Asked, Dropped
from sandtable.core.query.sql.predicates import (
    Always,
    Among,
    Compare,
    Contains,
    Empty,
    Listed,
    Place,
    Predicate,
    all_of,
    any_of,
)

# Whether rows with an empty field match; named so that a test may set them like any other record.
NOT_EQUAL_EMPTY = "sandtable.query.not_equal_matches_empty"
NOT_IN_EMPTY = "sandtable.query.not_in_matches_empty"
NOT_LIKE_EMPTY = "sandtable.query.not_like_matches_empty"
DYNAMIC_FILTERS = "sys_filter_option_dynamic"


def _equals(asked: Asked) -> Predicate:
    value = asked.scalar(asked.value)
    if not value:
        return Empty(asked.field)
    if asked.column.is_number and not asked.is_exact_number:
        return Compare(asked.field, "=", value, as_number=True) if asked.readable(value) else Always(False)
    return Among(asked.field, _spellings(asked, (value,)))


def _differs(asked: Asked) -> Predicate:
    value = asked.scalar(asked.value)
    if not value:
        return Empty(asked.field, negated=True)
    or_empty = asked.column.is_boolean or asked.context.is_true(NOT_EQUAL_EMPTY, "true")
    if asked.column.is_number and not asked.is_exact_number and asked.readable(value):
        return Compare(asked.field, "!=", value, as_number=True, or_empty=or_empty)
    return Among(asked.field, _spellings(asked, (value,)), negated=True, or_empty=or_empty)


def _spellings(asked: Asked, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values; a sys_id also in lower case, since those are compared exactly."""
    if not asked.field.is_identity:
        return values
    return tuple(dict.fromkeys(spelling for value in values for spelling in (value, value.lower())))


def _in(asked: Asked) -> Predicate:
    values = asked.listed()
    if not values:
        return Empty(asked.field) if not asked.value.strip(",") else Always(False)
    if asked.column.is_number and not asked.is_exact_number:
        numbers = (_equals(asked.with_value(value)) for value in values)
        return any_of(tuple(numbers)) or Always(False)
    return Among(asked.field, _spellings(asked, values))


def _not_in(asked: Asked) -> Predicate:
    values = asked.listed()
    if not values:
        return Empty(asked.field, negated=True) if not asked.value.strip(",") else Always(True)
    or_empty = asked.context.is_true(NOT_IN_EMPTY, "true")
    if asked.column.is_number and not asked.is_exact_number:
        numbers = [Compare(asked.field, "!=", each, True, or_empty) for each in values if asked.readable(each)]
        return all_of(tuple(numbers)) or Always(True)
    return Among(asked.field, _spellings(asked, values), negated=True, or_empty=or_empty)


def _compares(asked: Asked) -> Predicate:
    value = asked.readable(asked.value)
    return _compared(asked, asked.operator, value)


def _compared(asked: Asked, operator: str, value: str | None) -> Predicate:
    if value is None:
        return Always(False)
    return Compare(asked.field, operator, value, as_number=asked.column.is_number)


def _between(asked: Asked) -> Predicate:
    low, _, high = asked.value.partition("@")
    bounds = [(operator, text) for operator, text in ((">=", low), ("<=", high)) if text]
    if not bounds:
        raise asked.not_simulated(asked.value)
    return all_of(tuple(_compared(asked, operator, asked.readable(text)) for operator, text in bounds)) or Always(False)


def _text(place: Place) -> Callable[[Asked], Predicate]:
    def contains(asked: Asked) -> Predicate:
        needle = _needle(asked)
        field = asked.display()
        return Contains(field, needle, place) if needle else Empty(field, negated=True)

    return contains


def _not_like(asked: Asked) -> Predicate:
    needle = _needle(asked)
    field = asked.display()
    or_empty = asked.context.is_true(NOT_LIKE_EMPTY, "false")
    return Contains(field, needle, negated=True, or_empty=or_empty) if needle else Empty(field)


def _needle(asked: Asked) -> str:
    # A part of a number or a date is neither; so the needle stays as it was written unless a script gave it.
    return asked.scalar(asked.value) if asked.is_script(asked.value) else asked.plain(asked.value)


def _instance_of(asked: Asked) -> Predicate:
    name = asked.scalar(asked.value)
    dictionary = asked.dictionary
    if not name:
        return Always(False)
    return Among(asked.field, dictionary.descendants(name) if dictionary.has(name) else (name,))


def _dynamic(asked: Asked) -> Predicate:
    return _in(asked.with_script(_script_of(asked)))


def _script_of(asked: Asked) -> str:
    """Return the script of a dynamic filter option. Raises Dropped."""
    identity = asked.value.strip()
    option = asked.context.lookup(DYNAMIC_FILTERS, identity) if asked.dictionary.has(DYNAMIC_FILTERS) else None
    if option is None or option.get("active", "") != "true":
        raise Dropped("dynamic filter", identity, f"no active {DYNAMIC_FILTERS} record has this sys_id")
    return option.get("script", "").strip()


def _in_hierarchy(asked: Asked) -> Predicate:
    tops = asked.with_script(_script_of(asked)) if asked.operator == "IN_HIERARCHY_DYNAMIC" else asked
    return _below(asked, tops.listed())


def _below(asked: Asked, tops: tuple[str, ...]) -> Predicate:
    """Return the test that a reference is one of some records, or lies below one of them."""
    target = asked.column.reference
    if asked.field.is_identity:
        target = asked.field.hops[-1][1] if asked.field.hops else asked.field.table
    parent = _parent_column(asked, target)
    if parent is None:
        raise asked.not_simulated(f"{target or asked.path} has no column that refers to a parent record")
    children = _children(asked.context, target, parent)
    found = dict.fromkeys(_spellings(asked, tops))
    waiting = list(found)
    while waiting:
        new = [each for each in children.get(waiting.pop(), ()) if each not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return Among(asked.field, tuple(found)) if found else Always(False)


def _parent_column(asked: Asked, target: str) -> str | None:
    if not asked.dictionary.has(target):
        return None
    columns = asked.dictionary.columns(target)
    for name in ("parent", "manager"):
        column = columns.get(name)
        if column is not None and column.is_reference and asked.dictionary.extends(target, column.reference):
            return name
    return None


def _children(context: QueryContext, table: str, parent: str) -> Mapping[str, list[str]]:
    children: dict[str, list[str]] = {}
    rows: Iterable[Mapping[str, str]] = context.related(table)
    for row in rows:
        children.setdefault(row.get(parent, ""), []).append(row.get("sys_id", ""))
    return children


def _excluding(asked: Asked) -> Predicate:
    if not asked.column.is_list:
        raise asked.not_simulated()
    return all_of(tuple(Listed(asked.field, element) for element in asked.listed())) or Always(True)


VALUE_OPERATORS: Mapping[str, Callable[[Asked], Predicate]] = MappingProxyType(
    {
        "=": _equals,
        "!=": _differs,
        ">": _compares,
        ">=": _compares,
        "<": _compares,
        "<=": _compares,
        "IN": _in,
        "NOT IN": _not_in,
        "LIKE": _text("anywhere"),
        "NOT LIKE": _not_like,
        "STARTSWITH": _text("start"),
        "ENDSWITH": _text("end"),
        "BETWEEN": _between,
        # The store knows no difference between an empty text and none.
        "ISEMPTY": lambda asked: Empty(asked.field),
        "EMPTYSTRING": lambda asked: Empty(asked.field),
        "ISNOTEMPTY": lambda asked: Empty(asked.field, negated=True),
        "ANYTHING": lambda asked: Always(True),
        "INSTANCEOF": _instance_of,
        "DYNAMIC": _dynamic,
        "IN_HIERARCHY": _in_hierarchy,
        "IN_HIERARCHY_DYNAMIC": _in_hierarchy,
        "EXCLUDING": _excluding,
        "DOESNOTHAVE": _excluding,
    }
)
