"""The encoded query of a list as people see it: breadcrumbs, rows of the condition builder, and back to the query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from sandtable.core.platform.display import show_value, to_input
from sandtable.core.query import Condition, Order, Query, condition, conjunction, parse, render
from sandtable.core.query.language.operators import VALUELESS
from sandtable.core.query.language.syntax import Term
from sandtable.core.schema.columns import DATE_TYPES

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.schema.columns import Column

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "=": "is",
        "!=": "is not",
        "LIKE": "contains",
        "NOT LIKE": "does not contain",
        "STARTSWITH": "starts with",
        "ENDSWITH": "ends with",
        "ISEMPTY": "is empty",
        "ISNOTEMPTY": "is not empty",
        "ANYTHING": "is anything",
        "EMPTYSTRING": "is empty string",
        ">": "greater than",
        "<": "less than",
        ">=": "greater than or is",
        "<=": "less than or is",
        "IN": "is one of",
        "NOT IN": "is not one of",
        "BETWEEN": "between",
        "ON": "on",
        "NOTON": "not on",
        "SAMEAS": "is same as",
        "NSAMEAS": "is different from",
        "DYNAMIC": "is (dynamic)",
        "INSTANCEOF": "is instance of",
    }
)
TEXT = ("LIKE", "STARTSWITH", "ENDSWITH", "=", "!=", "NOT LIKE", "ISEMPTY", "ISNOTEMPTY", "IN", "NOT IN")
CHOICE = ("=", "!=", "IN", "NOT IN", "ISEMPTY", "ISNOTEMPTY")
NUMBER = ("=", "!=", ">", ">=", "<", "<=", "ISEMPTY", "ISNOTEMPTY")
DATE = ("ON", "NOTON", ">", ">=", "<", "<=", "ISEMPTY", "ISNOTEMPTY")
BOOLEAN = ("=", "!=", "ISEMPTY", "ISNOTEMPTY")
REFERENCE = ("=", "!=", "ISEMPTY", "ISNOTEMPTY", "LIKE", "STARTSWITH", "DYNAMIC")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
COMPARED = ("!=", ">=", "<=", ">", "<", "=", "!*", "*", "%")


@dataclass(frozen=True, slots=True)
class Crumb:
    """One breadcrumb: its text, and the query up to and without it."""

    text: str
    query: str
    without: str


@dataclass(frozen=True, slots=True)
class BuilderRow:
    """One row of the condition builder; `joint` is empty for the first, then `AND`, `OR` or `NEW`."""

    joint: str
    path: str
    operator: str
    value: str


def operators_for(column: Column) -> tuple[str, ...]:
    """Return the operators that the builder offers for a column."""
    if column.is_boolean:
        return BOOLEAN
    if column.is_choice:
        return CHOICE
    if column.is_reference:
        return REFERENCE
    if column.type in DATE_TYPES:
        return DATE
    return NUMBER if column.is_number else TEXT


def crumbs(session: Session, table: str, query: Query) -> list[Crumb]:
    """Return the breadcrumbs of a query: one for each part that must hold, one for all alternatives together."""
    kept = replace(query, alternatives=())
    if len(query.alternatives) > 1:
        text = " or all of ".join(
            " and ".join(_words(session, table, group) for group in each) for each in query.alternatives
        )
        return [Crumb(text, safely(query), safely(kept))]
    groups = query.alternatives[0] if query.alternatives else ()
    return [
        Crumb(
            _words(session, table, group),
            safely(replace(kept, alternatives=(groups[: index + 1],))),
            safely(replace(kept, alternatives=_alternative(groups[:index] + groups[index + 1 :]))),
        )
        for index, group in enumerate(groups)
    ]


def _alternative(groups: tuple[tuple[Term, ...], ...]) -> tuple[tuple[tuple[Term, ...], ...], ...]:
    return (groups,) if groups else ()


def _words(session: Session, table: str, group: Sequence[object]) -> str:
    return " or ".join(_term(session, table, term) for term in group)


def _term(session: Session, table: str, term: object) -> str:
    if not isinstance(term, Condition):
        return safely(Query((((term,),),))) or str(term)  # type: ignore[arg-type]
    steps = session.instance.dictionary.walk(table, term.path)
    label = " > ".join(step.label or step.name for step in steps) if steps else term.path
    word = WORDS.get(term.operator, term.operator.lower())
    if not term.value:
        return (
            f"{label} {word}" if term.operator in ("ISEMPTY", "ISNOTEMPTY", "ANYTHING") else f"{label} {word} (empty)"
        )
    shown = term.value
    if steps and not shown.startswith("javascript:"):
        column, owner = steps[-1], table if len(steps) == 1 else steps[-1].table
        if column.is_password:
            shown = "********"
        elif term.operator in ("=", "!="):
            shown = show_value(session, owner, column, shown) or shown
        elif term.operator in ("ON", "NOTON"):
            shown = shown.partition("@")[0]
        elif term.operator in ("IN", "NOT IN"):
            shown = ", ".join(show_value(session, owner, column, each) or each for each in shown.split(",")[:20])
    return f"{label} {word} {shown}"


def safely(query: Query) -> str:
    """Return the query as text, empty for one that cannot be written."""
    try:
        return render(query)
    except ValueError:
        return ""


def rows_of(query: Query) -> list[BuilderRow] | None:
    """Return the rows of the builder for a query, None for one with parts that the builder does not have."""
    rows: list[BuilderRow] = []
    for number, alternative in enumerate(query.alternatives):
        for index, group in enumerate(alternative):
            for position, term in enumerate(group):
                if not isinstance(term, Condition):
                    return None
                joint = "OR" if position else "AND" if index else "NEW" if number else ""
                rows.append(BuilderRow(joint, term.path, term.operator, term.value))
    return rows


def built(session: Session, table: str, given: Mapping[str, Sequence[str]], kept: Query) -> Query:
    """Return the query that the rows of the builder say, with order and grouping of `kept`; empty rows are left out.

    `given` has the lists joint, field, operator and value, one entry a row.
    """
    dictionary = session.instance.dictionary
    alternatives: list[list[list[Condition]]] = [[]]
    rows = zip(given["joint"], given["field"], given["operator"], given["value"], strict=False)
    for joint, path, operator, value in rows:
        steps = dictionary.walk(table, path)
        if not path or steps is None or operator not in WORDS:
            continue
        term = _readable(Condition(path, operator, _stored(session, table, steps[-1], operator, value)))
        if term is None:
            continue
        if joint == "NEW" and alternatives[-1]:
            alternatives.append([])
        if joint == "OR" and alternatives[-1]:
            alternatives[-1][-1].append(term)
        else:
            alternatives[-1].append([term])
    filled = tuple(tuple(tuple(group) for group in each) for each in alternatives if each)
    return replace(kept, alternatives=filled)


def _readable(term: Condition) -> Condition | None:
    """Return a condition as its text is read, without a value where it takes none; None when it has no text."""
    text = safely(Query((((term,),),)))
    if not text and term.operator in VALUELESS:
        return Condition(term.path, term.operator)
    return term if text else None


def _stored(session: Session, table: str, column: Column, operator: str, value: str) -> str:
    """Return what the query compares with: a name that was typed for a reference becomes the record it names."""
    if operator in VALUELESS:
        return ""
    if column.is_reference and operator in ("=", "!=") and value and "javascript:" not in value:
        return to_input(session, column, value, table=table) or value
    if column.type in DATE_TYPES and operator in ("ON", "NOTON") and _DAY.fullmatch(value):
        return _whole_day(value)
    return value


def _whole_day(day: str) -> str:
    return f"{day}@javascript:gs.dateGenerate('{day}','start')@javascript:gs.dateGenerate('{day}','end')"


def sorted_by(query: Query, path: str, *, descending: bool) -> str:
    """Return the query in another order."""
    return safely(replace(query, order=(Order(path, descending),)))


def grouped_by(query: Query, path: str) -> str:
    """Return the query grouped by a column, by none when the path is empty."""
    return safely(replace(query, grouping=(path,) if path else ()))


# what is typed above a column ----------------------------------------------------------------------------------------


def searched(session: Session, table: str, query: Query, typed: Mapping[str, str]) -> Query:
    """Return a query narrowed by what was typed above columns: `x` is contained, `=x` equals, `x%` begins ...

    The signs are those of the product: `=`, `!=`, `>`, `>=`, `<`, `<=`, `*` contains, `!*` does not, `%x` ends.
    """
    dictionary = session.instance.dictionary
    for path, text in typed.items():
        steps = dictionary.walk(table, path)
        if steps is None or not text.strip():
            continue
        narrowed = _searched(session, table, path, steps[-1], text.strip())
        query = conjunction(query, narrowed)
    return query


def _searched(session: Session, table: str, path: str, column: Column, text: str) -> Query:
    sign = next((each for each in COMPARED if text.startswith(each)), "")
    value = text[len(sign) :].strip()
    if not value:
        return condition(path, "ISEMPTY" if sign in ("=", "") else "ISNOTEMPTY")
    operator = {"": "LIKE", "*": "LIKE", "!*": "NOT LIKE", "%": "ENDSWITH"}.get(sign, sign)
    if not sign and value.endswith("%"):
        operator, value = "STARTSWITH", value[:-1]
    if column.is_choice:
        return _among_labels(session, table, path, column, operator, value)
    if column.is_boolean:
        return condition(path, "!=" if operator in ("!=", "NOT LIKE") else "=", value.lower())
    if column.type in DATE_TYPES and operator in ("LIKE", "="):
        operator = "STARTSWITH" if len(value) < 10 else "ON"
        if operator == "ON":
            return Query((((Condition(path, "ON", _whole_day(value[:10])),),),))
        return condition(path, operator, value)
    if column.is_number and operator == "LIKE":
        operator = "="
    if column.is_reference and session.instance.dictionary.has(column.reference) and operator != "ISEMPTY":
        shown = session.instance.dictionary.display_column(column.reference)
        return condition(f"{path}.{shown}", operator, value)
    return condition(path, operator, value)


def _among_labels(session: Session, table: str, path: str, column: Column, operator: str, value: str) -> Query:
    wanted = value.casefold()
    choices = session.instance.dictionary.choices(table if "." not in path else column.table, column.name)
    exact = operator in ("=", "!=", ">", "<", ">=", "<=")
    found = [
        each.value
        for each in choices
        if (
            each.label.casefold() == wanted or each.value.casefold() == wanted
            if exact
            else wanted in each.label.casefold()
        )
    ]
    if not found:
        return condition(path, operator, value)
    return condition(path, "NOT IN" if operator in ("!=", "NOT LIKE") else "IN", ",".join(dict.fromkeys(found)))


def read(text: str) -> Query:
    """Return the query that a parameter holds."""
    return parse(text)
