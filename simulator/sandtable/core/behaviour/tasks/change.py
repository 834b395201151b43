"""How a change request lives: who asked for it, and when work on it began and ended."""

from __future__ import annotations

from sandtable.core.behaviour.tasks.task import fill
from sandtable.core.platform.writing.rules import INSERT, UPDATE, BusinessRule, RuleContext

IMPLEMENT, REVIEW = "-1", "0"


def _ask(context: RuleContext) -> None:
    if not context.current["requested_by"]:
        fill(context, "requested_by", context.session.user_sys_id)


def _time_the_work(context: RuleContext) -> None:
    now = context.instance.clock.text()
    if context.changes_to("state", IMPLEMENT) and not context.current["work_start"]:
        fill(context, "work_start", now)
    if context.changes_to("state", REVIEW) and not context.current["work_end"]:
        fill(context, "work_end", now)


RULES = (
    BusinessRule("Ask for the change", "change_request", "before", frozenset({INSERT}), _ask),
    BusinessRule("Time the work", "change_request", "before", frozenset({UPDATE}), _time_the_work, order=900),
)
