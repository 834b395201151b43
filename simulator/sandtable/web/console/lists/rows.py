"""The rows of a list: what stands in each cell, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from sandtable.core.platform.display import display_value, look_ahead
from sandtable.core.schema.columns import JOURNAL_TYPES

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.columns import Column

LONGEST = 300


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what names it, a mark that is another after each write, and its cells with their links, escaped.

    A template asks an object for its members at once, and a mapping only when that has failed.
    """

    sys_id: str
    mark: str
    name: str
    cells: str


class RowDrawer:
    """Draws the rows of one list; what stands in several of its rows, such as a state, is drawn once.

    A cell is drawn here and not by the template, which would take as long for it as for a whole row.
    """

    def __init__(self, session: Session, columns: Sequence[tuple[str, Column]], root: str) -> None:
        self._session = session
        self._columns = columns
        self._root = escape(root)
        self._drawn: dict[tuple[str, str, str], str] = {}

    def rows(self, records: Sequence[Record]) -> list[Row]:
        """Return what the template needs of each row."""
        plain = [column for path, column in self._columns if column.is_reference and "." not in path]
        look_ahead(
            self._session,
            [(each.reference, sys_id) for record in records for each in plain if (sys_id := record[each.name])],
        )
        return [self._row(record) for record in records]

    def _row(self, record: Record) -> Row:
        name = ""
        cells: list[str] = []
        for path, column in self._columns:
            if cells:
                cells.append(self._cell(record, path, column))
                continue
            name = _shown(self._session, record, path, column)[1]
            address = f"{self._root}/{escape(record.table)}.do?sys_id={_in_address(record.sys_id)}"
            cells.append(f'<a class="open" href="{address}">{escape(name or "(empty)")}</a>')
        text = "".join(f"<td>{cell}</td>" for cell in cells)
        return Row(record.sys_id, record["sys_mod_count"] + record["sys_updated_on"], name or record.sys_id, text)

    def _cell(self, record: Record, path: str, column: Column) -> str:
        # What these show hangs on nothing but the value.
        is_common = "." not in path and (column.is_choice or column.is_reference)
        key = (record.table, path, record[column.name] if is_common else "")
        drawn = self._drawn.get(key) if is_common else None
        if drawn is None:
            holder, text = _shown(self._session, record, path, column)
            drawn = self._text(holder, column, text) if holder is not None else ""
            if is_common:
                self._drawn[key] = drawn
        return drawn

    def _text(self, holder: Record, column: Column, text: str) -> str:
        value = holder[column.name]
        dictionary = self._session.instance.dictionary
        table = ""
        if value and column.is_reference:
            table = column.reference
        elif value and column.type == "document_id":
            table = holder["sys_target_table"] or holder["tablename"] or holder["origin_table"]
        if table and dictionary.has(table):
            address = f"{self._root}/{escape(table)}.do?sys_id={_in_address(value)}"
            return f'<a href="{address}">{escape(text or "(empty)")}</a>'
        tone = tone_of(column.name, value)
        return f'<span class="tone {tone}">{escape(text)}</span>' if tone else escape(text)


def _shown(session: Session, record: Record, path: str, column: Column) -> tuple[Record | None, str]:
    """Return the record that a column of a list is read from, as far as the user may read it, and what it shows."""
    holder = _holder(session, record, path) if "." in path else record
    if holder is None or column.type in JOURNAL_TYPES:
        return None, ""
    text = display_value(session, holder, column)
    return holder, text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _in_address(sys_id: str) -> str:
    """Return an id as it stands in an address; nearly all are hexadecimal and stand as they are."""
    return sys_id if sys_id.isascii() and sys_id.isalnum() else quote(sys_id)


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
