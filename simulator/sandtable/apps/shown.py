"""Records as the platform's own scripted APIs answer them: stored values, or stored and displayed ones side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.core.platform.display import display_value
from sandtable.core.schema.columns import DATE_TIME_TYPES, JOURNAL_TYPES
from sandtable.core.values import zones

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.columns import Column


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


def typed_values(session: Session, record: Record) -> dict[str, Any]:
    """Return the columns as the Change Management API has them: numbers and truth values typed, dates a third time.

    A number is a float, as `state` of -5.0; a date carries `display_value_internal`, the caller's local time in the
    platform's own form. Empty values are empty texts. Source: ServiceNow documentation, Change Management API.
    """
    columns = session.instance.dictionary.columns(record.table)
    return {name: _typed(session, columns[name], shown) for name, shown in both_values(session, record).items()}


def _typed(session: Session, column: Column, shown: dict[str, Any]) -> dict[str, Any]:
    stored = shown["value"]
    if column.is_date:
        return {**shown, "display_value_internal": _internal(session, column, stored)}
    if not stored:
        return shown
    if column.is_boolean:
        return {**shown, "value": stored == "true"}
    if column.is_number:
        try:
            return {**shown, "value": float(stored)}
        except ValueError:
            return shown
    return shown


def _internal(session: Session, column: Column, stored: str) -> str:
    moment = zones.stored_moment(stored) if stored else None
    if moment is None:
        return stored
    if column.type not in DATE_TIME_TYPES:
        return moment.strftime("%Y-%m-%d")
    return zones.to_zone(moment, session.time_zone).strftime(zones.STORED_FORMAT)


def _readable(session: Session, table: str) -> list[str]:
    allowed = session.instance.access.readable_columns(session, table) if session.enforced else None
    return [name for name in session.instance.dictionary.columns(table) if allowed is None or name in allowed]
