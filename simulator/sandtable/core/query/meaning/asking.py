"""One condition on its way to a predicate: its field, and its values in the form that the column stores."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sandtable.core.query.language.context import QueryContext
from sandtable.core.query.language.scripts import PREFIX, Moment, PartOfDate, Value, evaluate_script
from sandtable.core.query.sql.predicates import Field
from sandtable.core.schema.columns import DATE_TIME_TYPES, INTEGER_TYPES, Column
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.stored_values import as_text, stored_value

_DEEPEST = 4  # a display column may itself be a reference; a circle of them ends here
_WHOLE = re.compile(r"\s*(-?\d{1,9})\s*")


class Dropped(Exception):
    """A condition that cannot be asked; `kind`, `name` and `detail` go to the ledger."""

    def __init__(self, kind: str, name: str, detail: str = "") -> None:
        self.kind, self.name, self.detail = kind, name[:200], detail[:200]
        super().__init__(kind, name, detail)


@dataclass(frozen=True, slots=True)
class Asked:
    """One condition: the field it is about, the operator as it is meant, and the value as it was written."""

    context: QueryContext
    field: Field
    path: str
    operator: str
    value: str
    literal: bool = False

    @property
    def column(self) -> Column:
        return self.field.column

    @property
    def dictionary(self) -> Dictionary:
        return self.context.dictionary

    @property
    def is_exact_number(self) -> bool:
        """Whether equal numbers of this column are equal texts."""
        return self.column.type in INTEGER_TYPES

    def display(self) -> Field:
        """Return the field by which people know the value: of a reference its target's display column."""
        return display_field(self.dictionary, self.field)

    def with_value(self, value: str) -> Asked:
        """Return the same condition with another value."""
        return replace(self, value=value)

    def with_script(self, script: str) -> Asked:
        """Return the same condition with what a script gives for a value."""
        return replace(self, value=PREFIX + script, literal=False)

    def is_script(self, text: str) -> bool:
        """Tell whether a value is a script; never where values are literal."""
        return not self.literal and text.lstrip().startswith(PREFIX)

    def not_simulated(self, detail: str = "") -> Dropped:
        """Return what stands for a condition that is not simulated: it is dropped, and told."""
        return Dropped("operator", self.operator, detail or f"{self.field.table}.{self.path}")

    # values --------------------------------------------------------------------------------------------------------

    def plain(self, text: str) -> str:
        """Return a text as it was written, without what no column can hold."""
        return as_text(text)

    def scalar(self, text: str) -> str:
        """Return one value as the column stores it; of several that a script gives the first."""
        return next(iter(self._stored(self._evaluated(text))), "")

    def listed(self) -> tuple[str, ...]:
        """Return the elements of the comma list that the value is, without empty ones."""
        elements = tuple(stored for element in self._elements() for stored in self._stored(self._evaluated(element)))
        return tuple(dict.fromkeys(each for each in elements if each))

    def readable(self, text: str) -> str | None:
        """Return one value as the column stores it, or None where the column could never store it."""
        stored = self.scalar(text)
        return stored if stored and _is_storable(self.column, stored) else None

    def part_of_date(self) -> PartOfDate:
        """Return what gs.datePart gave at the end of the value. Raises Dropped."""
        for text in reversed(self.value.split("@")):
            value = self._evaluated(text)
            if isinstance(value, PartOfDate):
                return value
        raise self.not_simulated(self.value)

    def whole(self, text: str) -> int:
        """Return a whole number of at most nine digits. Raises Dropped."""
        found = _WHOLE.fullmatch(text)
        if found is None:
            raise self.not_simulated(self.value)
        return int(found.group(1))

    def _elements(self) -> Iterable[str]:
        return self.value.split(",") if self.literal else _elements(self.value)

    def _evaluated(self, text: str) -> Value:
        if not self.is_script(text):
            return as_text(text)
        script = text.lstrip().removeprefix(PREFIX)
        value = evaluate_script(script, self.context)
        if value is None and self.context.script is not None:
            value = self.context.script(script)
        if value is None:
            self.context.note("script", script[:200], f"{self.field.table}.{self.path}")
            return ""
        return value

    def _stored(self, value: Value) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        if isinstance(value, Moment):
            is_day = self.column.is_date and self.column.type not in DATE_TIME_TYPES
            return (value.day if is_day else value.stored,)
        if isinstance(value, PartOfDate):
            return ("",)
        column = self.column
        if column.is_boolean or column.is_number or column.is_date or column.is_duration:
            # What cannot be read stays as it is, and then equals nothing that is stored.
            return (stored_value(column, value) or value,)
        return (value,)


def _is_storable(column: Column, stored: str) -> bool:
    typed = column.is_boolean or column.is_number or column.is_date or column.is_duration
    return not typed or bool(stored_value(column, stored))


def _elements(text: str) -> Iterator[str]:
    """Yield the parts of a comma list; commas inside the brackets or quotes of a script part nothing."""
    if PREFIX not in text:
        yield from text.split(",")
        return
    depth, quote, start = 0, "", 0
    for index, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"" and depth:
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "," and depth <= 0:
            yield text[start:index]
            start = index + 1
    yield text[start:]


def display_field(dictionary: Dictionary, field: Field) -> Field:
    """Return the field itself, or for a reference the display column of its target, however many references on."""
    for _ in range(_DEEPEST):
        target = field.column.reference
        if not field.column.is_reference or not dictionary.has(target):
            break
        column = dictionary.column(target, dictionary.display_column(target))
        if column is None:
            break
        field = Field(field.table, (*field.hops, (field.name, target)), column.name, column)
    return field
