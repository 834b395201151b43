"""What a query asks once names, values and times are settled: few kinds of predicates over columns of one table.

Both the SQL and the evaluator are made from these. An empty value is never equal to, part of or larger than anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandtable.core.schema.columns import Column

Place = Literal["anywhere", "start", "end"]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table, reached over references: `hops` are (reference column, table it refers to)."""

    table: str
    hops: tuple[tuple[str, str], ...]
    name: str
    column: Column

    @property
    def is_identity(self) -> bool:
        """Whether this is a sys_id, which is compared exactly and has an exact index."""
        return self.name == "sys_id"


@dataclass(frozen=True, slots=True)
class Always:
    """True or false whatever the record."""

    truth: bool


@dataclass(frozen=True, slots=True)
class Empty:
    """The field has no value; or, negated, has one."""

    field: Field
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Among:
    """The field is one of the values, upper and lower case alike; negated it is none, `or_empty` it may be empty."""

    field: Field
    values: tuple[str, ...]
    negated: bool = False
    or_empty: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """The field is `=`, `!=`, `>`, `>=`, `<` or `<=` a value, as text or as a number."""

    field: Field
    operator: str
    value: str
    as_number: bool = False
    or_empty: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    """The text of the field holds a needle somewhere, at its start or at its end; negated it does not."""

    field: Field
    needle: str
    place: Place = "anywhere"
    negated: bool = False
    or_empty: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a search was for, and the rows that hold it by their place; `unsure` are to be asked one by one."""

    search: Contains
    rows: tuple[int, ...]
    unsure: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A comma list does not hold an element, upper and lower case alike; an empty list holds none."""

    field: Field
    element: str


@dataclass(frozen=True, slots=True)
class CompareFields:
    """Two fields compared, as `text` or `number`, or by a part of the time in a zone (`day`, `month` ...).

    For `!=` a value differs from an empty one, and two empty ones do not differ.
    """

    field: Field
    operator: str
    other: Field
    by: str = "text"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Distance:
    """How many seconds the other moment is after the field's: more than `above` and less than `below`, where given."""

    field: Field
    other: Field
    above: int | None = None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class DatePart:
    """A part of a moment in a zone, compared with a number; dayofweek counts from Monday as 1, weeks are ISO weeks."""

    field: Field
    part: str
    operator: str
    number: int
    zone: str


@dataclass(frozen=True, slots=True)
class Related:
    """How many records of another table hold this record's `outer` value in their `column` and satisfy `where`."""

    table: str
    column: Column
    outer: Field
    where: Predicate | None
    operator: str = ">="
    count: int = 1


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Predicate, ...]


Predicate = (
    Always
    | Empty
    | Among
    | Compare
    | Contains
    | Found
    | Listed
    | CompareFields
    | Distance
    | DatePart
    | Related
    | All
    | Any
)


@dataclass(frozen=True, slots=True)
class ResolvedOrder:
    """One column to sort by; for a reference the display column of its target."""

    field: Field
    descending: bool


@dataclass(frozen=True, slots=True)
class ResolvedQuery:
    """A query on one table with everything settled.

    `nothing`: it matches no record, as invalid queries may. `dropped`: a condition that made no sense was left out.
    `hints`: sentences on what is odd about the values that it compares with.
    """

    where: Predicate | None = None
    order: tuple[ResolvedOrder, ...] = ()
    nothing: bool = False
    dropped: bool = False
    hints: tuple[str, ...] = ()


def all_of(parts: tuple[Predicate, ...]) -> Predicate | None:
    """Return a predicate that asks for all parts; None without any."""
    return parts[0] if len(parts) == 1 else All(parts) if parts else None


def any_of(parts: tuple[Predicate, ...]) -> Predicate | None:
    """Return a predicate that asks for one of the parts; None without any.

    Equalities with one column, of which a client may send thousands, become one.
    """
    equal: dict[Field, list[str]] = {}
    others: list[Predicate] = []
    for part in parts:
        if isinstance(part, Among) and not part.negated:
            equal.setdefault(part.field, []).extend(part.values)
        else:
            others.append(part)
    found = (*(Among(field, tuple(values)) for field, values in equal.items()), *others)
    return found[0] if len(found) == 1 else Any(found) if found else None
