"""What a caller may set, and what it becomes: unknown, closed and invented values dropped, the rest made storable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandtable.core.platform.display import to_input
from sandtable.core.platform.writing.rules import JournalEntry
from sandtable.core.schema.stored_values import as_text, stored_value

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.schema.dictionary import Column

# The platform writes these itself; a caller's values for them are dropped unless it says otherwise.
STAMPS = frozenset({"sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count"})
SYS_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
IDENTITY = frozenset({"sys_id", "sys_class_name"})
ALLOW_INVENTED = "glide.rest.choice.allow_non_existing_value"
SUGGESTION = 2


@dataclass(slots=True)
class Given:
    """What a write sets: stored values by column, and texts for journal columns."""

    values: dict[str, str] = field(default_factory=dict)
    journal: list[JournalEntry] = field(default_factory=list)
    sys_id: str = ""
    class_name: str = ""


def coerce(
    session: Session,
    table: str,
    operation: str,
    values: Mapping[str, object],
    *,
    input_display: bool = False,
    auto_sys_fields: bool = True,
) -> Given:
    """Return what a write may set of what the caller gave; each value that is dropped is explained.

    `operation` is create or write. A name that is no column goes to the ledger too. Raises Unsimulated in strict mode.
    """
    instance = session.instance
    columns = instance.dictionary.columns(table)
    given = Given()
    for name, value in values.items():
        column = columns.get(name)
        if column is None:
            _note_unknown(session, table, name)
            continue
        if name in IDENTITY:
            _identify(session, given, name, as_text(value).strip())
            continue
        if auto_sys_fields and name in STAMPS:
            session.explain(f"{name} is set by the platform; the value sent is not used")
            continue
        if column.calculated or (session.enforced and not _may_set(session, operation, table, column)):
            continue
        text = as_text(value)
        if column.is_journal:
            if text:
                given.journal.append(JournalEntry(name, text[: column.max_length]))
            continue
        if input_display:
            text = to_input(session, column, text, table=table)
        stored = stored_value(column, text)
        if session.enforced and _is_invented(session, table, column, stored or text):
            session.explain(f"{text!r} is no choice of {table}.{name}, so it is not set ({ALLOW_INVENTED} is false)")
            continue
        if len(stored) < len(text) and column.max_length == len(stored):
            session.explain(f"{table}.{name} is cut to its {column.max_length} characters")
        given.values[name] = stored
    return given


def _note_unknown(session: Session, table: str, name: str) -> None:
    session.explain(f"{table} has no column {name}, so its value is ignored")
    session.instance.ledger.note("field", f"{table}.{name}", "no such column; the value is ignored")


def _identify(session: Session, given: Given, name: str, text: str) -> None:
    if name != "sys_id":
        given.class_name = text
    elif not text or SYS_ID.fullmatch(text):
        given.sys_id = text
    else:
        # Ids stand in queries and addresses everywhere, so none may hold what means something there.
        session.explain(
            f"{text[:40]!r} is no sys_id (letters and digits, at most 32), so the record gets one of its own"
        )


def _may_set(session: Session, operation: str, table: str, column: Column) -> bool:
    if column.read_only:
        session.explain(f"{table}.{column.name} is read-only in the dictionary, so its value is not set")
        return False
    if not session.instance.access.can_field(session, operation, table, column.name):
        session.explain(f"{session.user_name} may not {operation} {table}.{column.name}, so its value is not set")
        return False
    return True


def _is_invented(session: Session, table: str, column: Column, stored: str) -> bool:
    """Tell whether a value is in no choice list although the column has one and does not merely suggest."""
    if not stored or not column.is_choice or column.choice == SUGGESTION:
        return False
    choices = session.instance.dictionary.choices(table, column.name)
    if not choices or any(choice.value == stored for choice in choices if not choice.inactive):
        return False
    return not session.instance.property_is_true(ALLOW_INVENTED, False)
