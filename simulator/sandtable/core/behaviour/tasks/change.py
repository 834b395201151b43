"""How a change request lives: who asked for it, what its template says, and when work on it began and ended."""

from __future__ import annotations

from sandtable.core.behaviour.tasks.task import fill
from sandtable.core.platform.writing.record_scripts import template_values
from sandtable.core.platform.writing.rules import INSERT, UPDATE, BusinessRule, RuleContext
from sandtable.core.schema.stored_values import stored_value

IMPLEMENT, REVIEW = "-1", "0"


def _ask(context: RuleContext) -> None:
    if not context.current["requested_by"]:
        fill(context, "requested_by", context.session.user_sys_id)


def _take_from_template(context: RuleContext) -> None:
    """Fill a standard change with what its template has, wherever the caller says nothing.

    A template is written like an encoded query. Source: ServiceNow documentation, standard change catalog.
    """
    chosen = context.current["std_change_producer_version"]
    version = context.elevated.table("std_change_producer_version").find(chosen) if chosen else None
    producers = context.elevated.table("std_change_record_producer")
    producer = producers.find(version["std_change_producer"]) if version is not None else None
    if producer is None:
        return
    columns = context.instance.dictionary.columns(context.table)
    for name, value in template_values(producer["template"]):
        column = columns.get(name)
        if column is not None and value and context.current[column.name] in ("", column.default):
            fill(context, column.name, stored_value(column, value))


def _time_the_work(context: RuleContext) -> None:
    now = context.instance.clock.text()
    if context.changes_to("state", IMPLEMENT) and not context.current["work_start"]:
        fill(context, "work_start", now)
    if context.changes_to("state", REVIEW) and not context.current["work_end"]:
        fill(context, "work_end", now)


RULES = (
    BusinessRule("Ask for the change", "change_request", "before", frozenset({INSERT}), _ask),
    BusinessRule(
        "Populate from the standard change template",
        "change_request",
        "before",
        frozenset({INSERT}),
        _take_from_template,
        order=50,
    ),
    BusinessRule("Time the work", "change_request", "before", frozenset({UPDATE}), _time_the_work, order=900),
)
