"""Conditions about time, and those that compare two fields of a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sandtable.core.query.language.moments import DAYS, MONTHS, SECONDS, UNITS
from sandtable.core.query.language.operators import FIELD_COMPARISONS, RELATIVE
from sandtable.core.query.language.scripts import Moment, day_of, moment_away, period_away
from sandtable.core.query.meaning.asking import Asked, Dropped
from sandtable.core.query.sql.compiling import field_at
from sandtable.core.query.sql.predicates import (
    All,
    Always,
    Any,
    Compare,
    CompareFields,
    DatePart,
    Distance,
    Field,
    Predicate,
)

_COMPARISONS: Mapping[str, str] = MappingProxyType(
    {"EE": "=", "NE": "!=", "GE": ">=", "LE": "<=", "GT": ">", "LT": "<"}
)
_PARTS = frozenset({"dayofweek", "month", "year", "quarter", "week", "hour"})


def _unit(asked: Asked, name: str) -> str:
    """Return the unit of time that a name stands for. Raises Dropped."""
    unit = "day" if name == "dayofweek" else name
    if unit not in UNITS:
        raise asked.not_simulated(asked.value)
    return unit


def _range(asked: Asked) -> tuple[str | None, str | None]:
    """Return the bounds of `label@start@end`, or of the day that a value without bounds names."""
    _, *bounds = asked.value.split("@")
    if len(bounds) >= 2:
        return asked.readable(bounds[0]), asked.readable(bounds[1])
    named = asked.scalar(bounds[0] if bounds else asked.value)
    try:
        first, last = day_of(asked.context, named[:10])
    except (ValueError, OverflowError):
        return None, None
    return _stored(asked, first), _stored(asked, last)


def _on(asked: Asked) -> Predicate:
    first, last = _range(asked)
    if first is None or last is None:
        return Always(False)
    return All((Compare(asked.field, ">=", first), Compare(asked.field, "<=", last)))


def _not_on(asked: Asked) -> Predicate:
    first, last = _range(asked)
    if first is None or last is None:
        return Always(False)
    return Any((Compare(asked.field, "<", first), Compare(asked.field, ">", last)))


def _relative(asked: Asked) -> Predicate:
    unit, direction, count = _distance(asked, asked.value, ("ago", "ahead"))
    away = -count if direction == "ago" else count
    try:
        if asked.operator == "RELATIVEEE":
            first, last = (_stored(asked, each) for each in period_away(asked.context, unit, away))
            return All((Compare(asked.field, ">=", first), Compare(asked.field, "<=", last)))
        moment = _stored(asked, moment_away(asked.context, unit, away))
    except OverflowError:
        raise asked.not_simulated(asked.value) from None
    return Compare(asked.field, RELATIVE[asked.operator], moment)


def _stored(asked: Asked, moment: Moment) -> str:
    return moment.day if asked.column.type in ("glide_date", "date") else moment.stored


def _distance(asked: Asked, text: str, directions: tuple[str, str]) -> tuple[str, str, int]:
    """Return the unit, direction and count of `@hour@ago@1`. Raises Dropped."""
    if not asked.column.is_date:
        raise asked.not_simulated()
    parts = text.split("@")
    if len(parts) != 4 or parts[2] not in directions:
        raise asked.not_simulated(asked.value)
    return _unit(asked, parts[1]), parts[2], asked.whole(parts[3])


def _date_part(asked: Asked) -> Predicate:
    if not asked.column.is_date:
        raise asked.not_simulated()
    wanted = asked.part_of_date()
    operator = _COMPARISONS.get(wanted.comparison)
    if wanted.part not in _PARTS or operator is None:
        raise asked.not_simulated(asked.value)
    return DatePart(
        asked.field, wanted.part, operator, _number(asked, wanted.part, wanted.value), asked.context.time_zone
    )


def _number(asked: Asked, part: str, value: str) -> int:
    names = {"dayofweek": DAYS, "month": MONTHS}.get(part, ())
    for index, name in enumerate(names):
        if value and len(value) >= 3 and name.startswith(value):
            return index + 1
    return asked.whole(value)


# two fields ----------------------------------------------------------------------------------------------------------


def _other(asked: Asked, path: str) -> Field:
    """Return the other field that a condition names. Raises Dropped."""
    found = field_at(asked.dictionary, asked.field.table, path.strip())
    if found is None:
        raise Dropped("field", path.strip(), asked.field.table)
    return found


def _compare_fields(asked: Asked) -> Predicate:
    path, marked, part = asked.value.partition("@")
    other = _other(asked, path)
    operator = FIELD_COMPARISONS[asked.operator]
    if marked:
        if not (asked.column.is_date and other.column.is_date):
            raise asked.not_simulated(asked.value)
        return CompareFields(asked.field, operator, other, _unit(asked, part.strip()), asked.context.time_zone)
    both_numbers = asked.column.is_number and other.column.is_number
    return CompareFields(asked.field, operator, other, "number" if both_numbers else "text")


def _apart(asked: Asked) -> Predicate:
    path, _, rest = asked.value.partition("@")
    other = _other(asked, path)
    if not other.column.is_date:
        raise asked.not_simulated(asked.value)
    unit, direction, count = _distance(asked, f"@{rest}", ("before", "after"))
    seconds = SECONDS[unit] * count
    if direction == "before":
        if asked.operator == "MORETHAN":
            return Distance(asked.field, other, above=seconds)
        return Distance(asked.field, other, above=-1, below=seconds)
    if asked.operator == "MORETHAN":
        return Distance(asked.field, other, below=-seconds)
    return Distance(asked.field, other, above=-seconds, below=1)


TIME_OPERATORS: Mapping[str, Callable[[Asked], Predicate]] = MappingProxyType(
    {
        "ON": _on,
        "NOTON": _not_on,
        "DATEPART": _date_part,
        **dict.fromkeys(RELATIVE, _relative),
        **dict.fromkeys(FIELD_COMPARISONS, _compare_fields),
        "MORETHAN": _apart,
        "LESSTHAN": _apart,
    }
)
