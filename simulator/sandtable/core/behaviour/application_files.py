"""How an application file is known: what it is called, and the name that updates of it go by."""

from __future__ import annotations

from sandtable.core.behaviour.tasks.task import fill
from sandtable.core.platform.writing.rules import INSERT_OR_UPDATE, BusinessRule, RuleContext


def _name_the_file(context: RuleContext) -> None:
    if not context.current["sys_update_name"]:
        fill(context, "sys_update_name", f"{context.table}_{context.current['sys_id']}")
    display = context.instance.dictionary.display_column(context.table)
    name = context.current[display] if display else ""
    if name and (context.previous is None or context.changed(display)):
        fill(context, "sys_name", name)


RULES = (
    BusinessRule("Name the application file", "sys_metadata", "before", INSERT_OR_UPDATE, _name_the_file, order=950),
)
