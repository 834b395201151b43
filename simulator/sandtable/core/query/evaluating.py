"""A resolved query asked of one record at hand, without SQL: what access control and policies use."""

from __future__ import annotations

import operator
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from sandtable.core.query.language.context import QueryContext
from sandtable.core.query.language.folding import folded
from sandtable.core.query.language.moments import on_the_wall, part_of, start_of
from sandtable.core.query.language.syntax import Query
from sandtable.core.query.meaning.remembering import resolve_remembered
from sandtable.core.query.sql.predicates import (
    All,
    Always,
    Among,
    Any,
    Compare,
    CompareFields,
    Contains,
    DatePart,
    Distance,
    Empty,
    Field,
    Listed,
    Predicate,
    Related,
)
from sandtable.core.schema.columns import DATE_TIME_TYPES

_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_COMPARE: Mapping[str, Callable[..., bool]] = MappingProxyType(
    {
        "=": operator.eq,
        "!=": operator.ne,
        ">": operator.gt,
        ">=": operator.ge,
        "<": operator.lt,
        "<=": operator.le,
    }
)


def evaluate(query: Query, record: Mapping[str, str], table: str, context: QueryContext) -> bool:
    """Tell whether a record of a table satisfies a query; its order plays no part.

    Raises UnknownTable; in a strict ledger, Unsimulated.
    """
    if not query:
        return True
    resolved = resolve_remembered(query, table, context)
    if resolved.nothing:
        return False
    return resolved.where is None or _Evaluation(record, context).holds(resolved.where)


@dataclass(frozen=True)
class _Evaluation:
    record: Mapping[str, str]
    context: QueryContext

    def value(self, field: Field) -> str:
        """Return the value of a field, empty where a reference on the way leads nowhere."""
        record: Mapping[str, str] | None = self.record
        for name, table in field.hops:
            target = record.get(name, "") if record is not None else ""
            record = self.context.lookup(table, target) if target else None
        return record.get(field.name, "") if record is not None else ""

    def holds(self, predicate: Predicate) -> bool:
        return _BY_KIND[type(predicate)](self, predicate)

    def _always(self, predicate: Always) -> bool:
        return predicate.truth

    def _empty(self, predicate: Empty) -> bool:
        return bool(self.value(predicate.field)) == predicate.negated

    def _among(self, predicate: Among) -> bool:
        value = self.value(predicate.field)
        if not value:
            return predicate.negated and predicate.or_empty
        if predicate.field.is_identity:
            return (value in predicate.values) != predicate.negated
        return (folded(value) in {folded(each) for each in predicate.values}) != predicate.negated

    def _compare(self, predicate: Compare) -> bool:
        value = self.value(predicate.field)
        if not value:
            return predicate.or_empty
        shape: Callable[[str], object] = _shape(predicate.field, as_number=predicate.as_number)
        return _COMPARE[predicate.operator](shape(value), shape(predicate.value))

    def _contains(self, predicate: Contains) -> bool:
        value = self.value(predicate.field)
        if not value:
            return predicate.negated and predicate.or_empty
        value, needle = folded(value), folded(predicate.needle)
        if predicate.place == "start":
            found = value.startswith(needle)
        elif predicate.place == "end":
            found = value.endswith(needle)
        else:
            found = needle in value
        return found != predicate.negated

    def _listed(self, predicate: Listed) -> bool:
        value = f",{folded(self.value(predicate.field))},"
        return f",{folded(predicate.element)}," not in value

    def _compare_fields(self, predicate: CompareFields) -> bool:
        left, right = self.value(predicate.field), self.value(predicate.other)
        if not left or not right:
            return predicate.operator == "!=" and bool(left) != bool(right)
        compare = _COMPARE[predicate.operator]
        if predicate.by == "number":
            return compare(number(left), number(right))
        if predicate.by == "text":
            return compare(folded(left), folded(right))
        moments = [
            self._local(field, value, predicate.zone)
            for field, value in ((predicate.field, left), (predicate.other, right))
        ]
        periods = [start_of(predicate.by, moment) for moment in moments if moment is not None]
        return len(periods) == 2 and compare(*periods)

    def _distance(self, predicate: Distance) -> bool:
        moments = [_utc(self.value(each)) for each in (predicate.field, predicate.other)]
        if moments[0] is None or moments[1] is None:
            return False
        between = int((moments[1] - moments[0]).total_seconds())
        return (predicate.above is None or between > predicate.above) and (
            predicate.below is None or between < predicate.below
        )

    def _date_part(self, predicate: DatePart) -> bool:
        value = self.value(predicate.field)
        moment = self._local(predicate.field, value, predicate.zone) if value else None
        if moment is None:
            return False
        return _COMPARE[predicate.operator](part_of(moment, predicate.part), predicate.number)

    def _local(self, field: Field, value: str, zone: str) -> datetime | None:
        return on_the_wall(value, zone if field.column.type in DATE_TIME_TYPES else "UTC")

    def _related(self, predicate: Related) -> bool:
        outer = self.value(predicate.outer)
        count = sum(1 for _ in self._rows(predicate, outer)) if outer else 0
        return _COMPARE[predicate.operator](count, predicate.count)

    def _rows(self, predicate: Related, outer: str) -> Iterable[Mapping[str, str]]:
        column, where = predicate.column.name, predicate.where
        shape = str if column == "sys_id" else _ascii_folded
        wanted = shape(outer)
        for row in self.context.related(predicate.table):
            if shape(row.get(column, "")) != wanted:
                continue
            if where is None or _Evaluation(row, self.context).holds(where):
                yield row

    def _all(self, predicate: All) -> bool:
        return all(self.holds(part) for part in predicate.parts)

    def _any(self, predicate: Any) -> bool:
        return any(self.holds(part) for part in predicate.parts)


_BY_KIND: Mapping[type, Callable[[_Evaluation, typing.Any], bool]] = MappingProxyType(
    {
        Always: _Evaluation._always,
        Empty: _Evaluation._empty,
        Among: _Evaluation._among,
        Compare: _Evaluation._compare,
        Contains: _Evaluation._contains,
        Listed: _Evaluation._listed,
        CompareFields: _Evaluation._compare_fields,
        Distance: _Evaluation._distance,
        DatePart: _Evaluation._date_part,
        Related: _Evaluation._related,
        All: _Evaluation._all,
        Any: _Evaluation._any,
    }
)


def _shape(field: Field, *, as_number: bool) -> Callable[[str], object]:
    if as_number:
        return number
    return str if field.is_identity else folded


def number(text: str) -> int | float:
    """Return the number that a text starts with, 0 when it starts with none; as the database reads it."""
    found = _NUMBER.match(text)
    if found is None:
        return 0
    digits = found.group(1)
    if digits.lstrip("+-").isdigit() and len(digits) < 4_000:
        whole = int(digits)
        return whole if -(2**63) <= whole < 2**63 else float(whole)
    return float(digits)


def _ascii_folded(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _utc(stored: str) -> datetime | None:
    try:
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)
    except ValueError:
        return None
