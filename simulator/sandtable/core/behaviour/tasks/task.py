"""What every task does by itself: who opened it, whether it is active, when it was closed, how often reassigned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.behaviour.dictionary_overrides import attribute
from sandtable.core.platform.writing.rules import INSERT, INSERT_OR_UPDATE, UPDATE, BusinessRule, RuleContext
from sandtable.core.values import durations, zones

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance


def close_states(instance: Instance, table: str) -> frozenset[str]:
    """Return the states in which a task of that table is no longer active, by the attributes of its state column."""
    return frozenset(attribute(instance, table, "state", "close_states").split(";")) - {""}


def fill(context: RuleContext, element: str, value: str) -> None:
    """Set a column, unless the caller gave it a value other than the stored one."""
    given = context.given.get(element)
    if not given or (context.previous is not None and given == context.previous[element]):
        context.current[element] = value


def stamp(context: RuleContext, moment: str, person: str) -> None:
    """Put now and the current user into two columns, unless the caller set them."""
    fill(context, moment, context.instance.clock.text())
    fill(context, person, context.session.user_sys_id)


def clear(context: RuleContext, *elements: str) -> None:
    """Empty columns that the caller did not set."""
    for element in elements:
        fill(context, element, "")


def seconds_between(start: str, end: str) -> int | None:
    """Return the seconds from one stored moment to another, never below zero; None when either is missing."""
    first, last = zones.stored_moment(start), zones.stored_moment(end)
    return None if first is None or last is None else max(0, int((last - first).total_seconds()))


def _open(context: RuleContext) -> None:
    fill(context, "opened_at", context.current["opened_at"] or context.instance.clock.text())
    fill(context, "opened_by", context.current["opened_by"] or context.session.user_sys_id)
    if context.current["number"]:
        fill(context, "task_effective_number", context.current["number"])


def _follow_state(context: RuleContext) -> None:
    if not context.changed("state"):
        return
    closing = close_states(context.instance, context.table)
    closed = context.current["state"] in closing
    if context.operation == INSERT and not closed:
        return  # the default of `active` stands, or what the caller sent
    context.current["active"] = "false" if closed else "true"
    if closed:
        was_closed = context.previous is not None and context.previous["state"] in closing
        if not was_closed:
            stamp(context, "closed_at", "closed_by")
            _measure(context)
    else:
        clear(context, "closed_at", "closed_by", "business_duration", "calendar_duration")


def _measure(context: RuleContext) -> None:
    seconds = seconds_between(context.current["opened_at"], context.current["closed_at"])
    if seconds is not None:
        # No schedule is attached, so business time is calendar time.
        fill(context, "calendar_duration", durations.stored_text(seconds))
        fill(context, "business_duration", durations.stored_text(seconds))


def _count_reassignments(context: RuleContext) -> None:
    previous = context.previous
    if previous is None or not context.changed("assignment_group"):
        return
    if previous["assignment_group"]:
        fill(context, "reassignment_count", str(int(previous["reassignment_count"] or 0) + 1))
    if context.instance.property_is_true("sandtable.task.group_change_clears_assignee", False):
        clear(context, "assigned_to")


def _note_approval(context: RuleContext) -> None:
    if context.previous is not None and context.changed("approval"):
        fill(context, "approval_set", context.instance.clock.text())


RULES = (
    BusinessRule("Open the task", "task", "before", frozenset({INSERT}), _open, order=10),
    BusinessRule("Follow the state", "task", "before", INSERT_OR_UPDATE, _follow_state, order=1000),
    BusinessRule("Count reassignments", "task", "before", frozenset({UPDATE}), _count_reassignments, order=1000),
    BusinessRule("Note the approval", "task", "before", frozenset({UPDATE}), _note_approval, order=1000),
)
