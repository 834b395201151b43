"""How catalog requests live: for whom, and where an item belongs."""

from __future__ import annotations

from sandtable.core.behaviour.tasks.task import fill
from sandtable.core.platform.writing.rules import INSERT, BusinessRule, RuleContext


def _request_for(context: RuleContext) -> None:
    if not context.current["requested_for"]:
        fill(context, "requested_for", context.current["opened_by"] or context.session.user_sys_id)


def _belong_to_the_request(context: RuleContext) -> None:
    request = context.elevated.table("sc_request").find(context.current["request"])
    if request is not None and not context.current["requested_for"]:
        fill(context, "requested_for", request["requested_for"])
    if request is not None and not context.current["parent"]:
        fill(context, "parent", request.sys_id)


def _belong_to_the_item(context: RuleContext) -> None:
    item = context.elevated.table("sc_req_item").find(context.current["request_item"])
    if item is None:
        return
    if not context.current["request"]:
        fill(context, "request", item["request"])
    if not context.current["parent"]:
        fill(context, "parent", item.sys_id)


RULES = (
    BusinessRule("Request for somebody", "sc_request", "before", frozenset({INSERT}), _request_for),
    BusinessRule("Belong to the request", "sc_req_item", "before", frozenset({INSERT}), _belong_to_the_request),
    BusinessRule("Belong to the item", "sc_task", "before", frozenset({INSERT}), _belong_to_the_item),
)
