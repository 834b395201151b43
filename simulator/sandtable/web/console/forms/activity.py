"""What happened to a record: journal entries, audited changes and files, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.platform.attachments import TABLE as ATTACHMENTS
from sandtable.core.platform.display import show_value
from sandtable.core.query import condition, conjunction, parse
from sandtable.core.values import formats, zones
from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

MOST = 60
PREVIEWED = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml", "image/bmp")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, by whom, what kind, and its lines (label, before, after) or its text."""

    at: str
    when: str
    who: str
    kind: str
    text: str = ""
    lines: tuple[tuple[str, str, str], ...] = ()
    element: str = ""


def activity_of(session: Session, record: Record) -> list[Event]:
    """Return what happened to a record, as far as the user may read its fields."""
    events = [*_journal(session, record), *_changes(session, record)]
    events.sort(key=lambda each: each.at, reverse=True)
    return events[:MOST]


def local_time(session: Session, stored: str) -> str:
    """Return a stored time in the user's zone and format."""
    moment = zones.stored_moment(stored)
    if moment is None:
        return stored
    return formats.show(f"{session.date_format} {session.time_format}", zones.to_zone(moment, session.time_zone))


def _readable(session: Session, record: Record, element: str) -> bool:
    return session.instance.access.can_field(session, "read", record.table, element)


def _journal(session: Session, record: Record) -> list[Event]:
    query = conjunction(condition("element_id", "=", record.sys_id), parse("ORDERBYDESCsys_created_on"))
    rows = session.without_access_control().table("sys_journal_field").page(query, limit=MOST, offset=0, count=False)
    columns = session.instance.dictionary.columns(record.table)
    return [
        Event(
            each["sys_created_on"],
            local_time(session, each["sys_created_on"]),
            name_of(session, each["sys_created_by"]),
            columns[each["element"]].label if each["element"] in columns else each["element"],
            each["value"],
            element=each["element"],
        )
        for each in rows.records
        if _readable(session, record, each["element"])
    ]


def _changes(session: Session, record: Record) -> list[Event]:
    if not session.instance.dictionary.has("sys_audit"):
        return []
    query = conjunction(condition("documentkey", "=", record.sys_id), parse("ORDERBYDESCsys_created_on"))
    rows = (
        session.without_access_control().table("sys_audit").page(query, limit=4 * MOST, offset=0, count=False).records
    )
    columns = session.instance.dictionary.columns(record.table)
    grouped: dict[tuple[str, str, str], list[tuple[str, str, str]]] = {}
    for each in rows:
        column = columns.get(each["fieldname"])
        if column is None or column.type.startswith("journal") or column.is_password:
            continue
        if not _readable(session, record, column.name):
            continue
        old, new = (show_value(session, record.table, column, each[name]) for name in ("oldvalue", "newvalue"))
        key = (each["sys_created_on"], each["user"], each["record_checkpoint"])
        grouped.setdefault(key, []).append((column.label or column.name, old[:200], new[:200]))
    return [
        Event(at, local_time(session, at), name_of(session, user), "Field changes", lines=tuple(lines))
        for (at, user, _), lines in grouped.items()
    ]


def name_of(session: Session, user_name: str) -> str:
    """Return the name of a user, the user name where there is none."""
    found = session.instance.system().table("sys_user").first(filters={"user_name": user_name}) if user_name else None
    return (found["name"] if found is not None else "") or user_name


def attachments_of(session: Session, record: Record) -> list[dict[str, str]]:
    """Return the files of a record that the user may see."""
    query = conjunction(condition("table_sys_id", "=", record.sys_id), parse("ORDERBYfile_name"))
    found = session.table(ATTACHMENTS).page(query, limit=100, offset=0, count=False).records
    return [
        {
            "sys_id": each.sys_id,
            "name": each["file_name"],
            "size": _size(each["size_bytes"]),
            "image": "yes" if each["content_type"].lower() in PREVIEWED else "",
        }
        for each in found
        if each["table_name"] in session.instance.dictionary.lineage(record.table) or each["table_name"] == record.table
    ]


def _size(text: str) -> str:
    size = whole_number(text, 0)
    for unit, amount in (("MB", 1024 * 1024), ("kB", 1024)):
        if size >= amount:
            return f"{size / amount:.1f} {unit}"
    return f"{size} bytes"
