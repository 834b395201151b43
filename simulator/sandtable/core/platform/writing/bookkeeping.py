"""What the platform itself notes in a record of its own, such as the state of a staging row and the counts of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandtable.core.platform.record import Record
from sandtable.core.platform.writing.audit import is_audited
from sandtable.core.platform.writing.record_scripts import declared_rules
from sandtable.core.platform.writing.rules import EVERY_TABLE, UPDATE, RuleBook, When
from sandtable.core.schema.stored_values import stored_value

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session

MOMENTS: tuple[When, ...] = ("before", "after")


def note(session: Session, record: Record, values: Mapping[str, str]) -> Record:
    """Change columns of a record in the name of the session's user, without asking access control; return it.

    Where a rule of somebody listens, or the table is audited, this is an update like any other; else it goes straight
    to the store, which takes a third of the time. Raises as TableAccess.update.
    """
    instance = session.instance
    dictionary, store = instance.dictionary, instance.store
    root = dictionary.root(record.table)
    row = store.get(root, record.sys_id)
    if row is None or _is_heard(session, row.table):
        return session.without_access_control().table(record.table).update(record.sys_id, values)
    columns = dictionary.columns(row.table)
    kept = {name: stored_value(columns[name], value) for name, value in values.items() if name in columns}
    if all(row.values.get(name, "") == value for name, value in kept.items()):
        return Record(row)
    count = row.values.get("sys_mod_count", "")
    stamps = {
        "sys_updated_on": instance.clock.text(),
        "sys_updated_by": session.user_name,
        "sys_mod_count": str(int(count) + 1 if count.isdigit() else 1),
    }
    return Record(store.update(root, row.sys_id, row.table, {**row.values, **kept, **stamps}))


def _is_heard(session: Session, table: str) -> bool:
    """Tell whether an update of a table's records is told to anybody, beside the rules for every table."""
    instance = session.instance
    lineage = instance.dictionary.lineage(table)
    for when in MOMENTS:
        rules = instance.part(RuleBook).matching(lineage, when, UPDATE)
        if declared_rules(instance, lineage, when, UPDATE) or any(rule.table != EVERY_TABLE for rule in rules):
            return True
    return is_audited(session, table)
