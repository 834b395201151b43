"""The history of a journal column as one text, the way the product renders it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.schema.dictionary import COMBINED
from sandtable.core.values import formats, zones

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record


def journal_text(session: Session, table: str, sys_id: str, element: str) -> str:
    """Return all entries of a journal column, newest first, each followed by an empty line.

    Times are in the caller's zone and format; an author without a user record is named by user name. The list column
    `comments_and_work_notes` merges both of its parts. Raises UnknownTable.
    """
    elements = COMBINED.get(element, (element,))
    entries = (
        session.without_access_control()
        .table("sys_journal_field")
        .query(f"element_id={sys_id}^elementIN{','.join(elements)}^ORDERBYDESCsys_created_on")
    )
    names: dict[str, str] = {}
    return "".join(_entry(session, table, entry, names) for entry in entries)


def _entry(session: Session, table: str, entry: Record, names: dict[str, str]) -> str:
    author = entry["sys_created_by"]
    if author not in names:
        names[author] = _name_of(session, author)
    column = session.instance.dictionary.column(table, entry["element"])
    label = column.label if column is not None else entry["element"]
    moment = zones.stored_moment(entry["sys_created_on"])
    when = entry["sys_created_on"]
    if moment is not None:
        pattern = f"{session.date_format} {session.time_format}"
        when = formats.show(pattern, zones.to_zone(moment, session.time_zone))
    return f"{when} - {names[author]} ({label})\n{entry['value']}\n\n"


def _name_of(session: Session, user_name: str) -> str:
    users = session.without_access_control().table("sys_user")
    user = users.first(f"user_name={user_name.replace('^', '^^')}") if user_name else None
    return (user["name"] if user is not None else "") or user_name
