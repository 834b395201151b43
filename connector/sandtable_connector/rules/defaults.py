"""What Kibana's rule form fills in before a person types anything."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

ANY_ACTIVE_GROUP = "*"
"""Stands for every group of active alerts; the rule types name their groups themselves."""

RECOVERED_GROUP = "recovered"
CORRELATION_TEMPLATE = "{{rule.id}}:{{alert.id}}"


def default_actions() -> list[dict[str, Any]]:
    """Return what a rule does when its file names only a connector: push while active, close once on recovery."""
    return [
        {
            "group": ANY_ACTIVE_GROUP,
            "params": {
                "subAction": "pushToService",
                "subActionParams": {
                    "incident": {
                        "short_description": "{{rule.name}}: {{alert.id}}",
                        "description": "{{context.reason}}",
                        "correlation_display": "{{rule.name}}",
                    }
                },
            },
        },
        {"group": RECOVERED_GROUP, "params": {}},
    ]


def complete_params(params: Mapping[str, Any], *, group: str, connector_type_id: str = ".servicenow") -> dict[str, Any]:
    """Return an action's parameters with what Kibana's form fills in before a person types anything.

    Active: `pushToService`, the correlation template, no comments. Recovered: `closeIncident` with the same template,
    for the one type that closes. ServiceNow ITOM: `addEvent` with the template as its message key. A field that is
    there stays, even when it is null.
    Source: Kibana docs, "ServiceNow ITSM connector and action" (correlation ID); observed form defaults.
    """
    result = copy.deepcopy(dict(params))
    closes = group == RECOVERED_GROUP and connector_type_id == ".servicenow"
    usual = "addEvent" if connector_type_id == ".servicenow-itom" else "closeIncident" if closes else "pushToService"
    sub_action = result.setdefault("subAction", usual)
    if sub_action not in ("pushToService", "closeIncident", "addEvent"):
        return result
    inner = result.setdefault("subActionParams", {})
    if not isinstance(inner, dict):
        return result
    if sub_action == "addEvent":
        inner.setdefault("message_key", CORRELATION_TEMPLATE)
        return result
    incident = inner.setdefault("incident", {})
    if isinstance(incident, dict):
        incident.setdefault("correlation_id", CORRELATION_TEMPLATE)
    if sub_action == "pushToService":
        inner.setdefault("comments", [])
    return result
