"""The fields of a form: what kind of input each is, what stands in it, and what may be done with it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandtable.core.platform.display import display_value, show_value, to_input
from sandtable.core.schema.columns import DATE_TIME_TYPES, DATE_TYPES, JOURNAL_TYPES
from sandtable.core.schema.private_values import is_private
from sandtable.web.console.forms.rights import Rights

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.columns import Column

LONG_TEXT = 255  # columns that hold more get a text area
SCRIPTS = frozenset({"script", "script_plain", "xml", "json", "html_script", "script_server", "email_script", "css"})
RICH = frozenset({"html", "html_script", "translated_html"})
# String columns that name a column of a table, as the product's form offers them.
COLUMN_OF = {("oauth_jwt", "user_field"): "sys_user", ("oauth_entity", "sub_claim"): "sys_user"}
# References that the product's form offers as a list of choices.
AS_CHOICES = frozenset({("sys_cors_rule", "rest_api")})
MOST_CHOICES = 500
# A longer text is shown in part, and changed elsewhere: a browser takes minutes to lay it out in an input.
LONGEST_EDITED, SHOWN_OF_LONGER = 200_000, 2_000
FILLED_LATER = frozenset({"number", "task_effective_number"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field as the template draws it; `text` is what its input holds, `value` what is stored."""

    name: str
    label: str
    kind: str
    text: str = ""
    value: str = ""
    mandatory: bool = False
    read_only: bool = False
    choices: tuple[tuple[str, str, str], ...] = ()
    reference: str = ""
    max_length: int = 0
    hint: str = ""
    dependent_on: str = ""
    placeholder: str = ""
    error: str = ""
    theirs: str = ""
    reveal: bool = False
    whole: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)


def kind_of(column: Column) -> str:
    """Return the kind of input that a column has."""
    special = (column.table, column.name)
    if column.type in JOURNAL_TYPES:
        return "journal" if column.is_journal else "history"
    if column.is_password:
        return "password"
    if column.is_boolean:
        return "boolean"
    if special in COLUMN_OF or special in AS_CHOICES or column.is_choice:
        return "choice"
    if column.is_reference:
        return "reference"
    if column.type in DATE_TIME_TYPES:
        return "datetime"
    if column.type in DATE_TYPES:
        return "date"
    if column.is_list:
        return "list"
    if column.type in SCRIPTS:
        return "code"
    if column.type == "table_name":
        return "table"
    if column.is_number:
        return "number"
    if column.type == "url":
        return "url"
    return "textarea" if column.max_length > LONG_TEXT or column.type in RICH else "text"


def text_of(session: Session, record: Record, column: Column) -> str:
    """Return what the input of a field holds for a stored record: local times, names of references, choices' values."""
    kind = kind_of(column)
    if kind in ("journal", "history") or is_private(record, column):
        return ""
    if kind in ("choice", "boolean", "code", "number", "table", "text", "textarea", "url"):
        return record[column.name] if kind != "text" or column.is_choice else _plain(session, record, column)
    return display_value(session, record, column)


def _plain(session: Session, record: Record, column: Column) -> str:
    # Durations and the like are typed as they are shown.
    return (
        display_value(session, record, column)
        if column.is_duration or column.type == "sys_class_name"
        else record[column.name]
    )


def stored_of(session: Session, table: str, column: Column, text: str) -> str | None:
    """Return what to store for what was typed, None when it means nothing to the column."""
    text = text.replace("\r\n", "\n")
    kind = kind_of(column)
    if not text.strip() and kind not in ("textarea", "code", "text"):
        return ""
    if kind in ("choice", "boolean", "code", "table", "textarea", "url"):
        return text
    if kind == "text" and not column.is_duration:
        return text
    made = to_input(session, column, text, table=table)
    if kind in ("reference", "datetime", "date") and not made:
        return None
    if kind == "number" and not _is_number(made):
        return None
    return made


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def mark_of(text: str) -> str:
    """Return a short mark of what an input held, to tell later whether somebody has changed it."""
    return hashlib.blake2b(text.replace("\r\n", "\n").encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def draw_field(
    session: Session,
    record: Record,
    column: Column,
    rights: Rights,
    *,
    is_new: bool,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    theirs: Mapping[str, str],
) -> Field:
    """Return a field of a form. `typed` has what the user typed before, `theirs` what others wrote meanwhile."""
    kind = kind_of(column)
    private = is_private(record, column)
    if private and kind not in ("password", "journal", "history"):
        kind = "password"
    read_only = rights.is_read_only(column) or (column.name in FILLED_LATER)
    text = typed.get(column.name, text_of(session, record, column))
    value = record[column.name] if not private else ""
    if column.name in typed and kind == "reference":
        value = typed.get(f"{column.name} id", "")
    placeholder = ""
    whole = len(text)
    if kind in ("textarea", "code") and whole > LONGEST_EDITED and column.name not in typed:
        kind, text, read_only = "long", text[:SHOWN_OF_LONGER], True
    if kind == "password":
        placeholder = "unchanged" if record[column.name] else ""
    elif column.name in FILLED_LATER and is_new:
        placeholder = "assigned when saved"
    elif kind == "datetime":
        placeholder = f"{session.date_format} {session.time_format}"
    elif kind == "date":
        placeholder = session.date_format
    return Field(
        name=column.name,
        label=column.label or column.name,
        kind=kind,
        text=text,
        value=value,
        mandatory=rights.is_mandatory(column),
        read_only=read_only,
        choices=_choices(session, record.table, column, text) if kind == "choice" else (),
        reference=column.reference if session.instance.dictionary.has(column.reference) else "",
        max_length=column.max_length,
        hint=column.comments,
        dependent_on=column.dependent_on,
        placeholder=placeholder,
        error=errors.get(column.name, ""),
        whole=whole,
        theirs=theirs.get(column.name, ""),
        reveal=kind == "password"
        and column.type == "password2"
        and bool(record[column.name])
        and not is_new
        and not read_only,
    )


def _choices(session: Session, table: str, column: Column, current: str) -> tuple[tuple[str, str, str], ...]:
    """Return value, label and the value it depends on of each choice, the empty one first where there may be one."""
    special = (column.table, column.name)
    instance = session.instance
    if special in COLUMN_OF:
        columns = instance.dictionary.columns(COLUMN_OF[special]).values()
        listed = [
            (each.name, each.label or each.name, "") for each in columns if each.type in ("string", "email", "GUID")
        ]
        listed.sort(key=lambda each: each[1].casefold())
    elif special in AS_CHOICES:
        records = session.table(column.reference).page("active=true", limit=MOST_CHOICES, offset=0, count=False).records
        listed = [(each.sys_id, show_value(session, column.table, column, each.sys_id), "") for each in records]
        listed.sort(key=lambda each: each[1].casefold())
    else:
        listed = [
            (each.value, each.label, each.dependent_value)
            for each in instance.dictionary.choices(table, column.name, session.language)
            if not each.inactive or each.value == current
        ]
    if current and not any(value == current for value, _, _ in listed):
        listed.append((current, show_value(session, table, column, current) or current, ""))
    if column.choice != 3 or special in COLUMN_OF or not current:
        listed = [("", "-- None --", ""), *(each for each in listed if each[0])]
    return tuple(listed)


def labels(session: Session, table: str, names: Collection[str]) -> list[str]:
    """Return the labels of columns."""
    columns = session.instance.dictionary.columns(table)
    return [columns[name].label or name if name in columns else name for name in names]
