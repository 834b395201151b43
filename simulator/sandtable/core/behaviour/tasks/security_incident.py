"""How a security incident lives: reopening, and how many tasks share an observable."""

from __future__ import annotations

from sandtable.core.behaviour.tasks.child_counts import counter_rules
from sandtable.core.behaviour.tasks.task import close_states, fill
from sandtable.core.platform.writing.rules import UPDATE, BusinessRule, RuleContext


def _reopen(context: RuleContext) -> None:
    previous = context.previous
    if previous is None or not context.changed("state"):
        return
    closed = close_states(context.instance, context.table)
    if previous["state"] in closed and context.current["state"] not in closed:
        fill(context, "reopen_count", str(int(previous["reopen_count"] or 0) + 1))


RULES = (
    BusinessRule("Reopen", "sn_si_incident", "before", frozenset({UPDATE}), _reopen, order=900),
    *counter_rules(
        table="sn_ti_m2m_task_observable",
        reference="observable",
        parent="sn_ti_observable",
        counter="incident_count",
    ),
)
