"""The files of a record go when the record goes."""

from __future__ import annotations

from sandtable.core.platform.attachments import CHUNKS, TABLE
from sandtable.core.platform.writing.rules import DELETE, EVERY_TABLE, BusinessRule, RuleContext

# Records that cannot have files; an attachment's own go by its cascade.
WITHOUT = frozenset({TABLE, CHUNKS})


def delete_attachments(context: RuleContext) -> None:
    """Delete what was attached to the deleted record."""
    instance = context.instance
    if context.table in WITHOUT or not instance.dictionary.has(TABLE):
        return
    # Asked of the index first: nearly every record has none.
    if not instance.store.holders(TABLE, "table_sys_id", context.sys_id):
        return
    access = context.elevated.table(TABLE)
    mine = {"table_sys_id": context.sys_id}
    for record in access.page("", limit=None, offset=0, count=False, filters=mine).records:
        if record["table_name"] in instance.dictionary.lineage(context.table):
            access.delete(record.sys_id)


RULES = (BusinessRule("Delete attachments", EVERY_TABLE, "after", frozenset({DELETE}), delete_attachments),)
