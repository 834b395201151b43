"""Records written as the platform writes them into files: updates, their names, and exports of update sets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from sandtable.core.platform.display import display_value
from sandtable.core.schema.columns import JOURNAL_TYPES
from sandtable.core.schema.private_values import is_private
from sandtable.packages.records import DELETE, PUT

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>'
# Kinds that are named after what they describe, not after their sys_id; the table's own entry says null.
NAMED = {
    "sys_dictionary": ("name", "element"),
    "sys_choice": ("name", "element"),
    "sys_choice_set": ("name", "element"),
    "sys_documentation": ("name", "element", "language"),
}
# What a reader finds the local record by, beside the sys_id of a reference, by the table referred to.
FOUND_BY: Mapping[str, tuple[str, ...]] = {
    "sys_db_object": ("name",),
    "sys_user_role": ("name",),
    "sys_user_group": ("name",),
    "sys_dictionary": ("name", "element"),
    "sys_ui_view": ("name",),
    "sys_package": ("source",),
}
# Characters that XML 1.0 cannot hold.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def update_name(record: Record) -> str:
    """Return the name under which updates of a record are kept: its table and sys_id, or table and column."""
    parts = NAMED.get(record.table)
    if parts is None:
        return f"{record.table}_{record.sys_id}"
    return "_".join([record.table, *(record.get(name) or "null" for name in parts)])


def record_element(session: Session, record: Record, action: str = PUT) -> str:
    """Return a record as one element with its stored values, as the session may read them; journals are not in it."""
    instance = session.instance
    readable = instance.access.readable_columns(session, record.table)
    columns = instance.dictionary.columns(record.table)
    attributes = ""
    if record.table == "sys_dictionary":
        attributes = f" element={_quoted(record['element'])} table={_quoted(record['name'])}"
    fields = []
    for name, column in sorted(columns.items()):
        if (readable is not None and name not in readable) or column.type in JOURNAL_TYPES:
            continue
        value = "" if is_private(record, column) else record[name]
        said = ""
        if value and column.is_reference:
            said = f" display_value={_quoted(display_value(session, record, column))}"
            found = instance.lookup(column.reference, value) if column.reference in FOUND_BY else None
            for key in FOUND_BY.get(column.reference, ()) if found is not None else ():
                said += f" {key}={_quoted(found.get(key, '') if found is not None else '')}"
        fields.append(f"<{name}{said}>{text(value)}</{name}>" if value else f"<{name}/>")
    return f'<{record.table} action="{action}"{attributes}>{"".join(fields)}</{record.table}>'


def update_document(session: Session, record: Record, action: str = PUT) -> str:
    """Return one update of a record as a document: what a file of an application, or a payload of a set, holds."""
    inside = record_element(session, record, action)
    named = "" if record.table == "sys_dictionary" else f' table="{record.table}"'
    return f"{PROLOGUE}<record_update{named}>{inside}</record_update>"


def choices_document(session: Session, table: str, column: str, choices: Iterable[Record]) -> str:
    """Return the choices of a column as one update, which replaces the whole list where it is loaded.

    Without any it takes the list away.
    """
    choices = list(choices)
    inside = "".join(record_element(session, each) for each in choices)
    head = (
        f'<sys_choice action="{PUT if choices else DELETE}" field={_quoted(column)} table={_quoted(table)} version="3">'
    )
    return f"{PROLOGUE}<record_update>{head}{inside}</sys_choice></record_update>"


def unload_document(elements: Iterable[str], at: str) -> str:
    """Return elements as an export that was made at a moment."""
    return f'{PROLOGUE}<unload unload_date="{at}">{"".join(elements)}</unload>'


def is_deletion(action: str) -> bool:
    """Tell whether an action of an update takes the record away."""
    return action.strip().upper() == DELETE


def text(value: str) -> str:
    """Return a value as the text of an element; what XML cannot hold is replaced, and a line end stays as it is."""
    return escape(NOT_XML.sub("\ufffd", value), {"\r": "&#13;"})


def _quoted(value: str) -> str:
    shown = NOT_XML.sub(" ", value)
    return '"' + escape(shown, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}) + '"'
