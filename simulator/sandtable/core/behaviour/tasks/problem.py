"""How a problem lives: its two states in step, confirmed, resolved, reopened."""

from __future__ import annotations

from sandtable.core.behaviour.tasks.task import clear, fill, stamp
from sandtable.core.behaviour.tasks.twin_state import keep_in_step
from sandtable.core.platform.writing.rules import INSERT_OR_UPDATE, BusinessRule, RuleContext

NEW, ASSESS, ROOT_CAUSE_ANALYSIS, FIX_IN_PROGRESS, RESOLVED, CLOSED = "101", "102", "103", "104", "106", "107"
_CONFIRMED = (ROOT_CAUSE_ANALYSIS, FIX_IN_PROGRESS)


def _keep_states_in_step(context: RuleContext) -> None:
    keep_in_step(context, "problem_state")


def _follow_state(context: RuleContext) -> None:
    if not context.changed("state"):
        return
    state, previous = context.current["state"], context.previous
    if state in _CONFIRMED and not context.current["confirmed_at"]:
        stamp(context, "confirmed_at", "confirmed_by")
    if state == RESOLVED or (state == CLOSED and not context.current["resolved_at"]):
        stamp(context, "resolved_at", "resolved_by")
    if previous is not None and previous["state"] in (RESOLVED, CLOSED) and state not in (RESOLVED, CLOSED):
        fill(context, "reopen_count", str(int(previous["reopen_count"] or 0) + 1))
        stamp(context, "reopened_at", "reopened_by")
        clear(context, "resolved_at", "resolved_by")


RULES = (
    BusinessRule("Keep states in step", "problem", "before", INSERT_OR_UPDATE, _keep_states_in_step, order=50),
    BusinessRule("Follow the problem's state", "problem", "before", INSERT_OR_UPDATE, _follow_state, order=900),
)
