"""The history of a journal column as one text, the way the product renders it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sandtable.core.query import Order, condition, conjunction
from sandtable.core.schema.columns import COMBINED
from sandtable.core.values import formats, zones

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record


def journal_text(session: Session, table: str, sys_id: str, element: str) -> str:
    """Return all entries of a journal column, newest first, each followed by an empty line.

    Times are in the caller's zone and format; an author without a user record is named by user name. The list column
    `comments_and_work_notes` merges both of its parts. Raises UnknownTable.
    """
    return journal_texts(session, {sys_id: table}, (element,))[sys_id, element]


def journal_texts(session: Session, records: Mapping[str, str], elements: Sequence[str]) -> dict[tuple[str, str], str]:
    """Return the texts of journal columns of many records, asked for at once.

    `records` gives the table of each sys_id, and the answer the text by sys_id and column. As `journal_text`.
    """
    parts = {element: COMBINED.get(element, (element,)) for element in elements}
    asked = tuple(dict.fromkeys(part for each in parts.values() for part in each))
    query = conjunction(
        condition("element_id", "IN", ",".join(records)),
        condition("element", "IN", ",".join(asked)),
    )
    newest_first = replace(query, order=(Order("sys_created_on", descending=True),))
    entries = session.without_access_control().table("sys_journal_field").query(newest_first)
    written: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        owner = entry["element_id"]
        if owner in records:
            shown = _entry(session, records[owner], entry)
            written.setdefault(owner, []).append((entry["element"], shown))
    return {
        (sys_id, element): "".join(text for part, text in written.get(sys_id, ()) if part in parts[element])
        for sys_id in records
        for element in elements
    }


def _entry(session: Session, table: str, entry: Record) -> str:
    author = entry["sys_created_by"]
    names: dict[str, str] = session.instance.cached(("names of authors",), ("sys_user",), dict)
    if author not in names:
        names[author] = _name_of(session, author)
    column = session.instance.dictionary.column(table, entry["element"])
    label = column.label if column is not None else entry["element"]
    when = local_time(session, entry["sys_created_on"])
    return f"{when} - {names[author]} ({label})\n{entry['value']}\n\n"


def _name_of(session: Session, user_name: str) -> str:
    users = session.without_access_control().table("sys_user")
    user = users.first(f"user_name={user_name.replace('^', '^^')}") if user_name else None
    return (user["name"] if user is not None else "") or user_name


def local_time(session: Session, stored: str) -> str:
    """Return a stored date and time in the caller's zone and format; a text that is none as it is."""
    pattern, zone = session.time_format_and_zone
    if zone == "UTC" and pattern == formats.STORED and formats.is_stored(stored):
        return stored
    moment = zones.stored_moment(stored)
    return stored if moment is None else formats.show(pattern, zones.to_zone(moment, zone))
