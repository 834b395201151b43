"""Conditions on secrets: a value that is kept encrypted is found by none, in whatever store the instance is.

Whether a secret is there may be asked. Source: ServiceNow documentation, Password (2 Way Encrypted) field type: the
column holds cipher text, which is what the database compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.private_values import SAYS_PRIVATE, may_be_private

_NEVER = Always(False)


def without_secrets(where: Predicate, dictionary: Dictionary) -> Predicate:
    """Return a predicate that holds where the given one does with cipher text in place of each secret."""
    if isinstance(where, All | Any):
        parts = tuple(without_secrets(part, dictionary) for part in where.parts)
        same = all(part is before for part, before in zip(parts, where.parts, strict=True))
        return where if same else replace(where, parts=parts)
    if isinstance(where, Related):
        if where.column.is_password or where.outer.column.is_password:
            return replace(where, where=_NEVER)
        inner = where.where and without_secrets(where.where, dictionary)
        return where if inner is where.where else replace(where, where=inner)
    for field in _fields(where):
        if may_be_private(field.column):
            sealed = _of_sealed(where, field)
            if field.column.is_password:
                return sealed
            public = All(tuple(_says(field, dictionary, name, negated=True) for name in SAYS_PRIVATE))
            private = Any(tuple(_says(field, dictionary, name, negated=False) for name in SAYS_PRIVATE))
            found: Predicate = All((public, where))
            where = found if sealed == _NEVER else Any((found, All((private, sealed))))
    return where


def _fields(where: Predicate) -> Iterator[Field]:
    """Yield the fields whose values a predicate compares; whether there is one at all is no secret."""
    if isinstance(where, CompareFields | Distance):
        yield where.field
        yield where.other
    elif isinstance(where, Among | Compare | Contains | Listed | DatePart):
        yield where.field


def _of_sealed(where: Predicate, field: Field) -> Predicate:
    """Return what a predicate comes to where a field that it compares holds cipher text, which nothing is like."""
    match where:
        case Among() | Contains():
            differs, or_empty = where.negated, where.or_empty
        case Compare():
            differs, or_empty = where.operator == "!=", where.or_empty
        case Listed():
            differs, or_empty = True, True
        case CompareFields(operator="!=") if where.field != where.other:
            return Any((Empty(where.field, negated=True), Empty(where.other, negated=True)))
        case _:
            return _NEVER
    if not differs:
        return _NEVER
    return Always(True) if or_empty else Empty(field, negated=True)


def _says(field: Field, dictionary: Dictionary, name: str, *, negated: bool) -> Predicate:
    column = dictionary.columns(field.column.table)[name]
    return Among(replace(field, name=name, column=column), SAYS_PRIVATE[name], negated=negated, or_empty=negated)
