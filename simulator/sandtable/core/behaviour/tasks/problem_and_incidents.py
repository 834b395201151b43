"""What a problem tells its incidents: a communicated workaround or fix, and its end to those that wait for it.

Source: ServiceNow documentation, synchronization between incident and problem records. The related links of the form
that communicate are the columns they stamp.
"""

from __future__ import annotations

from sandtable.core.behaviour.tasks.incident import CANCELED, ON_HOLD
from sandtable.core.behaviour.tasks.incident import CLOSED as INCIDENT_CLOSED
from sandtable.core.behaviour.tasks.incident import RESOLVED as INCIDENT_RESOLVED
from sandtable.core.behaviour.tasks.problem import CLOSED, RESOLVED
from sandtable.core.platform.writing.rules import UPDATE, BusinessRule, RuleContext

INCIDENT, AWAITING_PROBLEM = "incident", "3"
FIX_APPLIED, RISK_ACCEPTED = "fix_applied", "risk_accepted"
ENDED = ",".join((INCIDENT_RESOLVED, INCIDENT_CLOSED, CANCELED))


def _communicate(context: RuleContext) -> None:
    """Write a workaround or fix, when its time of communication is set, on the incidents that are still open."""
    written: dict[str, str] = {}
    if _is_set(context, "fix_communicated_at"):
        written = {"work_notes": context.current["fix_notes"]}
    if _is_set(context, "workaround_communicated_at"):
        workaround = context.current["workaround"]
        notes = "\n\n".join(filter(None, (written.get("work_notes"), workaround)))
        written = {"work_notes": notes, "comments": workaround}
    if not any(written.values()):
        return
    incidents = context.elevated.table(INCIDENT)
    for incident in incidents.query(f"problem_id={context.sys_id}^stateNOT IN{ENDED}"):
        incidents.update(incident.sys_id, written)


def _tell_the_end(context: RuleContext) -> None:
    """Resolve the incidents that wait for a problem with a fix; tell them of one that stays."""
    ends, problem = (RESOLVED, CLOSED), context.current
    if problem["state"] not in ends or (context.previous is not None and context.previous["state"] in ends):
        return
    if problem["resolution_code"] == FIX_APPLIED:
        said = f"Related problem {problem['number']} closed. Please see additional comments for fix notes"
        values = {"state": INCIDENT_RESOLVED, "close_code": "Resolved by problem", "close_notes": said}
        values["comments"] = problem["fix_notes"]
    elif problem["resolution_code"] == RISK_ACCEPTED and problem["close_notes"]:
        values = {"work_notes": problem["close_notes"]}
    else:
        return
    incidents = context.elevated.table(INCIDENT)
    for incident in incidents.query(f"problem_id={context.sys_id}^state={ON_HOLD}^hold_reason={AWAITING_PROBLEM}"):
        incidents.update(incident.sys_id, values)


def _is_set(context: RuleContext, column: str) -> bool:
    return context.changed(column) and bool(context.current[column])


RULES = (
    BusinessRule("Communicate workaround and fix", "problem", "after", frozenset({UPDATE}), _communicate),
    BusinessRule("Tell incidents that the problem ended", "problem", "after", frozenset({UPDATE}), _tell_the_end),
)
