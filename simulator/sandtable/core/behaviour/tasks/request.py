"""How catalog requests live: for whom, where an item belongs, and how tasks, items and requests close one another.

Sources: ServiceNow documentation, request fulfillment states; Ansible's servicenow.itsm, whose integration tests see a
request that is submitted end in process.
"""

from __future__ import annotations

from sandtable.core.behaviour.tasks.task import close_states, fill
from sandtable.core.platform.writing.rules import INSERT, INSERT_OR_UPDATE, UPDATE, BusinessRule, RuleContext

REQUEST, ITEM, TASK = "sc_request", "sc_req_item", "sc_task"
SUBMITTED, IN_PROCESS = "submitted", "in_process"
COMPLETE, INCOMPLETE = "3", "4"
# The state in which a request is when its own state says that it is over.
OVER = {
    "closed_complete": COMPLETE,
    "closed_incomplete": INCOMPLETE,
    "closed_cancelled": INCOMPLETE,
    "closed_rejected": INCOMPLETE,
}


def _request_for(context: RuleContext) -> None:
    if not context.current["requested_for"]:
        fill(context, "requested_for", context.current["opened_by"] or context.session.user_sys_id)


def _follow_request_state(context: RuleContext) -> None:
    current = context.current
    if context.changes_to("request_state", SUBMITTED):
        current["request_state"] = IN_PROCESS
    if context.previous is not None and context.changes_to("approval", "approved"):
        fill(context, "request_state", IN_PROCESS)
    if context.previous is not None and context.changes_to("approval", "rejected"):
        fill(context, "request_state", "closed_rejected")
    if context.changed("request_state") and current["request_state"] in OVER:
        fill(context, "state", OVER[current["request_state"]])


def _belong_to_the_request(context: RuleContext) -> None:
    request = context.elevated.table(REQUEST).find(context.current["request"])
    if request is not None and not context.current["requested_for"]:
        fill(context, "requested_for", request["requested_for"])
    if request is not None and not context.current["parent"]:
        fill(context, "parent", request.sys_id)


def _belong_to_the_item(context: RuleContext) -> None:
    item = context.elevated.table(ITEM).find(context.current["request_item"])
    if item is None:
        return
    if not context.current["request"]:
        fill(context, "request", item["request"])
    if not context.current["parent"]:
        fill(context, "parent", item.sys_id)


def _complete_stage(context: RuleContext) -> None:
    if context.changes_to("state", COMPLETE):
        fill(context, "stage", "completed")


def _close_item(context: RuleContext) -> None:
    """Close an item whose last open task closes, as that task did."""
    item = _closed_last(context, TASK, "request_item", ITEM)
    if item:
        context.elevated.table(ITEM).update(item, {"state": context.current["state"]})


def _close_request(context: RuleContext) -> None:
    """Close a request whose last open item closes."""
    request = _closed_last(context, ITEM, "request", REQUEST)
    if request:
        end = "closed_complete" if context.current["state"] == COMPLETE else "closed_incomplete"
        values = {"request_state": end, "stage": end.replace("closed_complete", "completed")}
        context.elevated.table(REQUEST).update(request, values)


def _closed_last(context: RuleContext, table: str, reference: str, parent: str) -> str:
    """Return the parent of a record that closes now, when none of its brothers is still open and it is open itself."""
    closing = close_states(context.instance, context.table)
    if not context.changed("state") or context.current["state"] not in closing:
        return ""
    sys_id = context.current[reference]
    owner = context.elevated.table(parent).find(sys_id) if sys_id else None
    if owner is None or owner["active"] == "false":
        return ""
    brothers = context.elevated.table(table).page(
        "active=true", limit=1, offset=0, count=False, filters={reference: sys_id}
    )
    return "" if brothers.records else sys_id


RULES = (
    BusinessRule("Request for somebody", REQUEST, "before", frozenset({INSERT}), _request_for),
    BusinessRule("Follow the request state", REQUEST, "before", INSERT_OR_UPDATE, _follow_request_state, order=200),
    BusinessRule("Belong to the request", ITEM, "before", frozenset({INSERT}), _belong_to_the_request),
    BusinessRule("Complete the stage", ITEM, "before", INSERT_OR_UPDATE, _complete_stage, order=900),
    BusinessRule("Belong to the item", TASK, "before", frozenset({INSERT}), _belong_to_the_item),
    BusinessRule("Close the requested item", TASK, "after", frozenset({UPDATE}), _close_item),
    BusinessRule("Close the request", ITEM, "after", frozenset({UPDATE}), _close_request),
)
