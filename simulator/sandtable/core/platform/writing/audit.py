"""What changed, when and by whom: records of sys_audit for audited tables, and of sys_audit_delete for deleted ones."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sandtable.core.platform.writing.coercion import STAMPS
from sandtable.core.schema.private_values import is_private

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.platform.writing.rules import JournalEntry

CHANGES, DELETIONS = "sys_audit", "sys_audit_delete"
KINDS = frozenset({CHANGES, DELETIONS})


def is_audited(session: Session, table: str) -> bool:
    """Tell whether changes to a table's records are kept: the table or one that it extends says so."""
    dictionary = session.instance.dictionary
    if not dictionary.has(CHANGES):
        return False
    return dictionary.memo(
        ("audited", table), lambda: any(dictionary.table(each).audited for each in dictionary.lineage(table))
    )


def record_change(session: Session, before: Record, after: Record, journal: list[JournalEntry]) -> None:
    """Keep one line for each column that an update changed, journal columns included and private values left out."""
    if not is_audited(session, after.table):
        return
    columns = session.instance.dictionary.columns(after.table)
    # What one has and the other has not; no column is kept with an empty value.
    names = sorted({name for name, _ in before.stored.items() ^ after.stored.items()} - STAMPS)
    changes = [
        (name, before[name], after[name])
        for name in names
        if name not in columns or not (is_private(before, columns[name]) or is_private(after, columns[name]))
    ]
    changes += [(entry.element, "", entry.text) for entry in journal if entry.text]
    for element, old, new in changes:
        _insert(
            session,
            CHANGES,
            {
                "tablename": after.table,
                "documentkey": after.sys_id,
                "fieldname": element,
                "oldvalue": old,
                "newvalue": new,
                "user": session.user_name,
                "record_checkpoint": after["sys_mod_count"],
            },
        )


def record_deletion(session: Session, record: Record) -> None:
    """Keep a deleted record of an audited table as XML, without its private values."""
    if not is_audited(session, record.table):
        return
    display = session.instance.dictionary.display_column(record.table)
    kept = sorted({*record} - _private(session, record))
    fields = "".join(f"<{name}>{escape(record[name], quote=False)}</{name}>" for name in kept)
    _insert(
        session,
        DELETIONS,
        {
            "tablename": record.table,
            "documentkey": record.sys_id,
            "display_value": record[display],
            "payload": f'<{record.table} action="INSERT_OR_UPDATE">{fields}</{record.table}>',
        },
    )


def _private(session: Session, record: Record) -> set[str]:
    columns = session.instance.dictionary.columns(record.table)
    return {name for name, column in columns.items() if is_private(record, column)}


def _insert(session: Session, table: str, values: dict[str, str]) -> None:
    # Straight to the store: an audit line has no rules and is not audited.
    instance = session.instance
    now = instance.clock.text()
    sys_id = instance.new_sys_id()
    stamps = {"sys_created_on": now, "sys_created_by": session.user_name, "sys_mod_count": "0"}
    stamps |= {"sys_updated_on": now, "sys_updated_by": session.user_name}
    columns = instance.dictionary.columns(table)
    known = {name: value for name, value in {**stamps, **values}.items() if name in columns}
    instance.store.insert(instance.dictionary.root(table), table, sys_id, known)
