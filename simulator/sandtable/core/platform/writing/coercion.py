"""What a caller may set, and what it becomes: unknown, closed and invented values dropped, the rest made storable.

No value goes without a word: each that is dropped, emptied or changed is explained, and each that the column cannot
hold is in the ledger as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandtable.core.platform.display import CURRENCY_TYPES, own_currency, to_input
from sandtable.core.platform.writing import value_scripts
from sandtable.core.platform.writing.rules import JournalEntry
from sandtable.core.query.language.folding import folded
from sandtable.core.schema.stored_values import as_text, stored_value
from sandtable.core.values import date_texts, money
from sandtable.core.values.passwords import TypedPassword, kept_as_sent

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.schema.columns import Column

# The platform writes these itself; a caller's values for them are dropped unless it says otherwise.
STAMPS = frozenset({"sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count"})
SYS_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
IDENTITY = frozenset({"sys_id", "sys_class_name"})
ALLOW_INVENTED = "glide.rest.choice.allow_non_existing_value"
SUGGESTION = 2
RAW_PASSWORDS = "sandtable.values.password_needs_input_display"
ONE_WAY = "password"
LONGEST_SHOWN = 80


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
        text = as_text(value)
        if isinstance(value, str) and text != value:
            _lost(session, table, name, value, f"has characters that no text holds, so {table}.{name} is without them")
        if column.calculated:
            if text:
                session.explain(f"{table}.{name} is calculated by the platform; the value sent is not used")
            continue
        if session.enforced and not _may_set(session, operation, table, column):
            continue
        if column.is_journal:
            if text:
                given.journal.append(JournalEntry(name, text[: column.max_length]))
            if len(text) > column.max_length:
                session.explain(f"{table}.{name} is cut to its {column.max_length} characters")
            continue
        given_text = text
        if column.is_date and value_scripts.is_script(text):
            text = value_scripts.moment_of(session, text)
        elif input_display:
            text = to_input(session, column, text, table=table)
        elif column.type == ONE_WAY and text and _keeps_as_sent(session, value):
            session.explain(
                f"{table}.{name} is written without sysparm_input_display_value=true, so it is kept as it was sent"
                " and nobody can sign in with it"
            )
            given.values[name] = kept_as_sent(text, instance.new_sys_id()[:16])
            continue
        elif column.type in CURRENCY_TYPES and ";" in text:
            text = _in_own_currency(session, text)
        stored = stored_value(column, text)
        if column.is_date and not stored and given_text:
            stored = _zoned(session, column, given_text)
        if session.enforced and _is_invented(session, table, column, stored or text):
            _lost(session, table, name, given_text, f"is no choice of {table}.{name}, so it is not set")
            session.explain(f"{ALLOW_INVENTED} is false; the Table API takes a choice's value, not its label")
            continue
        if given_text and not stored and given_text.strip():
            _lost(session, table, name, given_text, f"is no {_kind(column)}, so {table}.{name} is emptied")
        elif stored != text:
            _tell_change(session, table, column, text, stored)
        given.values[name] = stored
    return given


def _in_own_currency(session: Session, text: str) -> str:
    """Return `USD;5` as the amount that it is in dollars; another currency's stays as it was written."""
    found = money.read(text)
    if found is None or found[0] != own_currency(session.instance):
        return text
    return text.strip().partition(";")[2]


def _zoned(session: Session, column: Column, text: str) -> str:
    """Return what a date in another ISO form is stored as, where the instance reads those; else nothing."""
    if session.instance.property("sandtable.values.other_iso_dates", "emptied") != "read":
        return ""
    moment = date_texts.read_zoned(text)
    return "" if moment is None else stored_value(column, str(moment))


def _keeps_as_sent(session: Session, password: object) -> bool:
    if not session.enforced or isinstance(password, TypedPassword):
        return False
    return session.instance.property_is_true(RAW_PASSWORDS, True)


def _lost(session: Session, table: str, name: str, text: str, why: str) -> None:
    """Say that a value is not stored. Raises Unsimulated in strict mode: a test must not lose a value unawares."""
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
    if session.instance.dictionary.columns(table)[name].is_password:
        shown = "********"
    session.explain(f"{shown!r} {why}")
    session.instance.ledger.note("value", f"{table}.{name}", f"the value sent {why}")


def _tell_change(session: Session, table: str, column: Column, text: str, stored: str) -> None:
    if len(stored) < len(text) and column.max_length == len(stored):
        session.explain(f"{table}.{column.name} is cut to its {column.max_length} characters")
    elif column.is_date and stored and text.strip() not in (stored, stored[:10]):
        session.explain(f"{text[:LONGEST_SHOWN]!r} is read as {stored} (UTC) in {table}.{column.name}")


def _kind(column: Column) -> str:
    if column.is_date:
        return "date that the platform reads (yyyy-MM-dd HH:mm:ss)"
    if column.is_number:
        return "number"
    if column.is_boolean:
        return "truth value (true, false, 1, 0)"
    if column.is_reference:
        return f"record of {column.reference}"
    return f"{column.type} that the platform reads"


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
        session.instance.ledger.note("value", "sys_id", "what was sent is no sys_id; the record gets one of its own")


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
    # The database compares texts without regard to case, and what was sent is stored (Ansible's change_request target).
    wanted = folded(stored)
    if not choices or any(folded(choice.value) == wanted for choice in choices if not choice.inactive):
        return False
    return not session.instance.property_is_true(ALLOW_INVENTED, False)
