"""How an incident lives: its two states in step, resolving, reopening, waiting for the caller, legacy close codes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandtable.core.behaviour.tasks.child_counts import counter_rules
from sandtable.core.behaviour.tasks.task import clear, close_states, fill, seconds_between, stamp
from sandtable.core.behaviour.tasks.twin_state import keep_in_step
from sandtable.core.platform.writing.rules import INSERT_OR_UPDATE, UPDATE, BusinessRule, RuleContext
from sandtable.core.values.clock import TEXT_FORMAT
from sandtable.core.values.errors import PlatformError
from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

NEW, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED, CANCELED = "1", "2", "3", "6", "7", "8"
AWAITING_CALLER = "1"
LEGACY_CLOSE_CODES = (
    "Solved (Work Around)",
    "Solved (Permanently)",
    "Solved Remotely (Work Around)",
    "Solved Remotely (Permanently)",
    "Not Solved (Not Reproducible)",
    "Not Solved (Too Costly)",
    "Closed/Resolved by Caller",
)
LEGACY_SWITCH = "sandtable.incident.legacy_close_codes"
LONGEST_WAIT = 36_500  # days until a resolved incident is closed


def _resume_on_caller_comment(context: RuleContext) -> None:
    previous = context.previous
    if previous is None or previous["state"] != ON_HOLD or previous["hold_reason"] != AWAITING_CALLER:
        return
    if not any(entry.element == "comments" and entry.text for entry in context.journal_entries):
        return
    if not context.current["caller_id"] or context.current["caller_id"] != context.session.user_sys_id:
        return
    if context.changed("state") or context.changed("incident_state"):
        return
    if context.instance.property_is_true("sandtable.incident.caller_comment_resumes", True):
        context.current["state"] = IN_PROGRESS


def _keep_states_in_step(context: RuleContext) -> None:
    keep_in_step(context, "incident_state")


def _leave_hold(context: RuleContext) -> None:
    if context.changes_from("state", ON_HOLD):
        clear(context, "hold_reason")


def _resolve(context: RuleContext) -> None:
    if context.changes_to("state", RESOLVED):
        stamp(context, "resolved_at", "resolved_by")
    elif context.changes_to("state", CLOSED):
        if context.current["resolved_at"]:
            return
        if not context.instance.property_is_true("sandtable.incident.closing_fills_resolved", True):
            return
        stamp(context, "resolved_at", "resolved_by")
    else:
        return
    seconds = seconds_between(context.current["opened_at"], context.current["resolved_at"])
    if seconds is not None:
        fill(context, "calendar_stc", str(seconds))
        fill(context, "business_stc", str(seconds))


def _reopen(context: RuleContext) -> None:
    previous = context.previous
    if previous is None or previous["state"] not in (RESOLVED, CLOSED):
        return
    if context.current["state"] not in (NEW, IN_PROGRESS, ON_HOLD):
        return
    fill(context, "reopen_count", str(int(previous["reopen_count"] or 0) + 1))
    stamp(context, "reopened_time", "reopened_by")
    clear(context, "resolved_at", "resolved_by", "calendar_stc", "business_stc")


def close_resolved(instance: Instance) -> int:
    """Close the incidents that have been resolved for property `glide.ui.autoclose.time` days; return how many.

    0 days, or a value that is no number, closes none. Source: ServiceNow documentation, close resolved incidents.
    """
    days = whole_number(instance.property("glide.ui.autoclose.time", "7"), 0, most=LONGEST_WAIT)
    if days == 0 or not instance.dictionary.has("incident"):
        return 0
    resolved_before = (instance.clock.now() - timedelta(days=days)).strftime(TEXT_FORMAT)
    incidents = instance.system().table("incident")
    done = 0
    for incident in incidents.query(f"state={RESOLVED}^resolved_at<={resolved_before}"):
        try:
            incidents.update(incident.sys_id, {"state": CLOSED})
        except PlatformError as refusal:  # one that a policy holds back must not hold back the others
            instance.log("warning", "Autoclose Incidents", f"{incident['number']} stays resolved: {refusal}")
        else:
            done += 1
    return done


def _switch_legacy_close_codes(context: RuleContext) -> None:
    if context.current["name"] != LEGACY_SWITCH or not context.changed("value"):
        return
    inactive = "false" if context.current["value"].strip().lower() == "true" else "true"
    choices = context.elevated.table("sys_choice")
    for choice in choices.query("name=incident^element=close_code"):
        if choice["value"] in LEGACY_CLOSE_CODES:
            choices.update(choice.sys_id, {"inactive": inactive})


def _keep_closed(context: RuleContext) -> None:
    """Refuse to change a closed incident task. Source: ServiceNow documentation, Zurich release notes."""
    previous = context.previous
    if previous is None or not context.instance.property_is_true("sandtable.incident_task.closed_is_final", True):
        return
    if previous["state"] in close_states(context.instance, context.table) and context.given:
        context.abort("a closed incident task cannot be changed (sandtable.incident_task.closed_is_final)")


RULES = (
    BusinessRule("Keep closed incident tasks", "incident_task", "before", frozenset({UPDATE}), _keep_closed, order=20),
    BusinessRule(
        "Resume on a caller's comment", "incident", "before", frozenset({UPDATE}), _resume_on_caller_comment, order=40
    ),
    BusinessRule("Keep states in step", "incident", "before", INSERT_OR_UPDATE, _keep_states_in_step, order=50),
    BusinessRule("Leave hold", "incident", "before", frozenset({UPDATE}), _leave_hold, order=900),
    BusinessRule("Resolve", "incident", "before", INSERT_OR_UPDATE, _resolve, order=900),
    BusinessRule("Reopen", "incident", "before", frozenset({UPDATE}), _reopen, order=900),
    BusinessRule("Switch legacy close codes", "sys_properties", "after", INSERT_OR_UPDATE, _switch_legacy_close_codes),
    *counter_rules(table="incident", reference="parent_incident", parent="incident", counter="child_incidents"),
    *counter_rules(table="incident", reference="problem_id", parent="problem", counter="related_incidents"),
)
