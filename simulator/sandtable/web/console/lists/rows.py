"""The rows of a list: what stands in each cell, and where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sandtable.core.platform.display import display_value
from sandtable.core.schema.dictionary import JOURNAL_TYPES

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.dictionary import Column

LONGEST = 300


def row_of(session: Session, record: Record, columns: list[tuple[str, Column]]) -> dict[str, Any]:
    """Return one row as the template draws it."""
    return {
        "sys_id": record.sys_id,
        "table": record.table,
        "mark": record["sys_mod_count"] + record["sys_updated_on"],
        "cells": [_cell(session, record, path, column) for path, column in columns],
    }


def _cell(session: Session, record: Record, path: str, column: Column) -> dict[str, Any]:
    holder: Record | None = record
    if "." in path:
        holder = _holder(session, record, path)
        if holder is None:
            return {"text": "", "link": ""}
    assert holder is not None
    if column.type in JOURNAL_TYPES:
        return {"text": "", "link": ""}
    shown = display_value(session, holder, column)
    value = holder[column.name]
    link = ""
    dictionary = session.instance.dictionary
    if value and column.is_reference and dictionary.has(column.reference):
        link = f"/{column.reference}.do?sys_id={quote(value)}"
    elif value and column.type == "document_id":
        table = holder["sys_target_table"] or holder["tablename"] or holder["origin_table"]
        link = f"/{table}.do?sys_id={quote(value)}" if table and dictionary.has(table) else ""
    return {
        "text": shown if len(shown) <= LONGEST else shown[:LONGEST] + "…",
        "link": link,
        "tone": tone_of(column.name, value),
    }


def tone_of(name: str, value: str) -> str:
    """Return how serious a value of a column is, for a mark beside it."""
    if name == "priority" and value in ("1", "2"):
        return "critical" if value == "1" else "high"
    if name in ("sys_import_state", "state") and value == "error":
        return "critical"
    if name == "status" and value in ("denied", "requested"):
        return "high"
    return "good" if name == "status" and value == "allowed" else ""


def _holder(session: Session, record: Record, path: str) -> Record | None:
    """Return the record that the last step of a dot-walked path belongs to, as far as the user may read it."""
    instance = session.instance
    steps = instance.dictionary.walk(record.table, path)
    holder: Record | None = record
    for step, following in zip(steps or (), (steps or ())[1:], strict=False):
        if holder is None or not holder[step.name]:
            return None
        holder = session.table(step.reference).find(holder[step.name])
        if holder is not None and not instance.access.can_field(session, "read", step.reference, following.name):
            return None
    return holder
