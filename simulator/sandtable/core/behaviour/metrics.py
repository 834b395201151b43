"""Time in state: each value that a measured column of a record holds becomes a span in metric_instance.

Source: ServiceNow documentation, metrics; LetPeopleWork/Lighthouse saw one span for each state of an incident. The
product calculates them a moment later from an event; here they are there at once. Definitions that calculate by script
are not simulated, and told when a record meets one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandtable.core.behaviour.tasks.task import seconds_between
from sandtable.core.platform.display import show_value
from sandtable.core.platform.writing.rules import DELETE, INSERT_OR_UPDATE, BusinessRule, RuleContext
from sandtable.core.values import durations

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

DEFINITIONS, SPANS = "metric_definition", "metric_instance"
BY_VALUE = "field_value"


def definitions(instance: Instance, table: str) -> Sequence[Record]:
    """Return the active definitions for a table and those it extends."""
    if not instance.dictionary.has(DEFINITIONS):
        return ()
    return instance.cached(("metrics", table), (DEFINITIONS,), lambda: _read(instance, table))


def _read(instance: Instance, table: str) -> tuple[Record, ...]:
    lineage = ",".join(instance.dictionary.lineage(table))
    return tuple(instance.system().table(DEFINITIONS).query(f"active=true^tableIN{lineage}^ORDERBYorder"))


def _measure(context: RuleContext) -> None:
    instance = context.instance
    found = definitions(instance, context.table)
    if not found or not instance.property_is_true("sandtable.metrics.enabled", True):
        return
    for definition in found:
        field = definition["field"]
        if definition["type"] != BY_VALUE:
            instance.ledger.note("metric", definition["name"], "definitions that calculate by script are not run")
        elif context.changed(field):
            _follow(context, definition, field)


def _follow(context: RuleContext, definition: Record, field: str) -> None:
    """End the span of the value before and begin one of the value now, straight in the store: no rule is to hear it."""
    instance = context.instance
    now = instance.clock.text()
    if context.previous is not None:
        _end_spans(context, definition.sys_id, now)
    value = context.current[field]
    column = instance.dictionary.column(context.table, field)
    if not value or column is None:
        return
    span = {
        **instance.stamps(SPANS),
        "definition": definition.sys_id,
        "table": context.table,
        "id": context.sys_id,
        "field": field,
        "field_value": value,
        "value": show_value(instance.system(), context.table, column, value),
        "start": now,
        "calculation_complete": "false",
    }
    instance.store.insert(SPANS, SPANS, instance.new_sys_id(), {name: text for name, text in span.items() if text})


def _end_spans(context: RuleContext, definition: str, now: str) -> None:
    system = context.instance.system()
    open_spans = {"definition": definition, "id": context.sys_id, "calculation_complete": "false"}
    page = system.table(SPANS).page("", limit=None, offset=0, count=False, filters=open_spans)
    for span in page.records:
        seconds = seconds_between(span["start"], now) or 0
        lasted = durations.stored_text(seconds)
        ended = {"end": now, "duration": lasted, "business_duration": lasted, "calculation_complete": "true"}
        context.instance.store.update(SPANS, span.sys_id, SPANS, {**span.values_copy(), **ended})


def _forget(context: RuleContext) -> None:
    """Delete the spans of a record that is deleted."""
    if not definitions(context.instance, context.table):
        return
    table = context.instance.system().table(SPANS)
    for span in table.page("", limit=None, offset=0, count=False, filters={"id": context.sys_id}).records:
        context.instance.store.delete(SPANS, span.sys_id)


RULES = (
    BusinessRule("Metrics", "task", "after", INSERT_OR_UPDATE, _measure, order=2000),
    BusinessRule("Forget metrics", "task", "after", frozenset({DELETE}), _forget, order=2000),
)
