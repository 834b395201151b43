"""Journal columns: what is written to one becomes a record of sys_journal_field, and nothing is ever changed there."""

from __future__ import annotations

from sandtable.core.platform.writing.rules import EVERY_TABLE, INSERT_OR_UPDATE, BusinessRule, RuleContext


def _write_entries(context: RuleContext) -> None:
    journal = context.elevated.table("sys_journal_field")
    for entry in context.journal_entries:
        if entry.text:
            journal.insert(
                {"name": context.table, "element": entry.element, "element_id": context.sys_id, "value": entry.text}
            )


RULES = (BusinessRule("Write journal entries", EVERY_TABLE, "after", INSERT_OR_UPDATE, _write_entries, order=0),)
