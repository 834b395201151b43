"""From the text of a staging column to the value of a target column: references, choices, lists, dates.

Source: ServiceNow documentation, field maps: a reference is given by the display value of its record, or by the value
of the field the map names; `choice_action` says what happens to one that does not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.imports.transform_maps import CREATE, ON_CHOICE_CREATE, ON_FOREIGN_INSERT, REJECT, FieldMap
from sandtable.core.schema.columns import DATE_TIME_TYPES
from sandtable.core.schema.stored_values import stored_value
from sandtable.core.values import formats, zones

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandtable.core.platform.contracts import Session
    from sandtable.core.schema.columns import Choice, Column

REFERENCE_REJECTED, CHOICE_REJECTED, LIST_REJECTED, INVALID_TARGET, SCRIPT_ERROR = 100, 200, 300, 800, 900


class FieldRejected(Exception):  # noqa: N818 - named after what the platform does with the row
    """A field map refuses the row; `code` is the platform's row error code."""

    def __init__(self, code: int, message: str, entry: FieldMap) -> None:
        super().__init__(message)
        self.code, self.message, self.entry = code, message, entry


def convert(
    session: Session,
    table: str,
    column: Column,
    entry: FieldMap,
    text: str,
    *,
    may_create: Callable[[str], bool] = lambda when: True,
) -> str | None:
    """Return what the target column of a table gets for a non-empty text, or None when it is left alone.

    `session` is one without access control; `may_create` is asked before a referenced record (`onForeignInsert`) or a
    choice (`onChoiceCreate`) is made. Raises FieldRejected.
    """
    if column.is_reference:
        return _reference(session, column, entry, text.strip(), may_create)
    if column.is_list and column.reference:
        return _list(session, column, entry, text)
    if column.is_choice:
        return _choice(session, table, column, entry, text, may_create)
    if column.is_date and entry.date_format:
        return _date(session, column, entry, text)
    return text


def _find(session: Session, column: Column, entry: FieldMap, text: str) -> str | None:
    dictionary = session.instance.dictionary
    if not dictionary.has(column.reference):
        return None
    access = session.table(column.reference)
    named = entry.referenced_value_field
    if not named or named == "sys_id":
        if len(text) == 32 and access.find(text) is not None:
            return text
        if named:
            return None
        named = dictionary.display_column(column.reference)
    if dictionary.column(column.reference, named) is None:
        return None
    found = access.first(filters={named: text})
    return found.sys_id if found is not None else None


def _reference(
    session: Session, column: Column, entry: FieldMap, text: str, may_create: Callable[[str], bool]
) -> str | None:
    found = _find(session, column, entry, text)
    if found is not None:
        return found
    if entry.choice_action == CREATE:
        return _create(session, column, entry, text) if may_create(ON_FOREIGN_INSERT) else None
    if entry.choice_action == REJECT:
        raise FieldRejected(
            REFERENCE_REJECTED,
            f"Reference rejected: {column.reference} has no record {text!r} for {column.name}",
            entry,
        )
    return None


def _create(session: Session, column: Column, entry: FieldMap, text: str) -> str | None:
    dictionary = session.instance.dictionary
    if not dictionary.has(column.reference):
        return None
    named = entry.referenced_value_field or dictionary.display_column(column.reference)
    if dictionary.column(column.reference, named) is None or named.startswith("sys_"):
        return None
    return session.table(column.reference).insert({named: text}).sys_id


def _list(session: Session, column: Column, entry: FieldMap, text: str) -> str | None:
    found = []
    for part in (each.strip() for each in text.split(",")):
        if not part:
            continue
        sys_id = _find(session, column, entry, part)
        if sys_id is None and entry.choice_action == CREATE:
            sys_id = _create(session, column, entry, part)
        if sys_id is None and entry.choice_action == REJECT:
            raise FieldRejected(LIST_REJECTED, f"List reference rejected: no {part!r} for {column.name}", entry)
        if sys_id is not None:
            found.append(sys_id)
    return ",".join(dict.fromkeys(found)) or None


def _choice(
    session: Session, table: str, column: Column, entry: FieldMap, text: str, may_create: Callable[[str], bool]
) -> str | None:
    dictionary = session.instance.dictionary
    spoken = dict.fromkeys(("en", session.language))
    known = [choice for language in spoken for choice in dictionary.choices(table, column.name, language)]
    if not known:
        return text
    given = text.strip()
    stored = stored_value(column, given)
    for choice in known:
        if choice.value == (stored or given):
            return choice.value
    for choice in known:
        if given.casefold() in (choice.value.casefold(), choice.label.casefold()):
            return choice.value
    if entry.choice_action == CREATE:
        if not may_create(ON_CHOICE_CREATE):
            return None
        value = stored or _next_number(known)  # what a number column cannot hold is a label
        session.table("sys_choice").insert(
            {
                "name": _choice_owner(session, table, column.name),
                "element": column.name,
                "value": value,
                "label": given,
                "language": "en",
            }
        )
        return value
    if entry.choice_action == REJECT:
        raise FieldRejected(CHOICE_REJECTED, f"Choice rejected: {column.name} has no choice {given!r}", entry)
    return None


def _next_number(known: list[Choice]) -> str:
    numbers = [int(choice.value) for choice in known if choice.value.isascii() and choice.value.isdigit()]
    return str(max(numbers, default=0) + 1)


def _choice_owner(session: Session, table: str, element: str) -> str:
    """Return the table whose list the column shows: a list of a nearer table would hide it."""
    choices = session.table("sys_choice")
    for each in session.instance.dictionary.lineage(table):
        if choices.first(f"name={each}^element={element}") is not None:
            return each
    return table


def _date(session: Session, column: Column, entry: FieldMap, text: str) -> str | None:
    local = formats.read(entry.date_format, text)
    if local is None:
        session.explain(f"{text!r} is no date after {entry.date_format}, so {column.name} is left alone")
        return None
    if column.type in DATE_TIME_TYPES:
        return zones.stored_text(local, session.time_zone)
    return local.strftime("%Y-%m-%d")
