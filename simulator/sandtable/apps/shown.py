"""Records as the platform's own scripted APIs answer them: stored values, or stored and displayed ones side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.core.platform.display import display_value
from sandtable.core.schema.dictionary import JOURNAL_TYPES

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record


def stored_values(session: Session, record: Record) -> dict[str, str]:
    """Return the columns that the session may read, as stored; journals are empty, as in the Table API."""
    columns = session.instance.dictionary.columns(record.table)
    return {
        name: "" if columns[name].type in JOURNAL_TYPES else record[name] for name in _readable(session, record.table)
    }


def both_values(session: Session, record: Record) -> dict[str, Any]:
    """Return the columns that the session may read, each as `{"display_value": ..., "value": ...}`."""
    columns = session.instance.dictionary.columns(record.table)
    stored = stored_values(session, record)
    return {
        name: {"display_value": display_value(session, record, columns[name]), "value": value}
        for name, value in stored.items()
    }


def _readable(session: Session, table: str) -> list[str]:
    allowed = session.instance.access.readable_columns(session, table) if session.enforced else None
    return [name for name in session.instance.dictionary.columns(table) if allowed is None or name in allowed]
