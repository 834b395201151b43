"""The variables that action parameters may use, for one alert and for a summary.

Source: Kibana docs, "Rule action variables"; observed Kibana behaviour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sandtable_connector.rules.alert import Alert
from sandtable_connector.rules.lifecycle import Event
from sandtable_connector.rules.rule_file import Rule
from sandtable_connector.values.schedule import iso

_GROUP_NAMES = {"default": "Default", "recovered": "Recovered"}


def group_name(group: str) -> str:
    """Return a group's name for people; Kibana's rule types name each one themselves, mostly by capitalising the id."""
    return _GROUP_NAMES.get(group, group[:1].upper() + group[1:])


_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[^\W\d_a-zA-Z]+")


def snake_case(name: str) -> str:
    """Return a name's words in small letters, joined by underscores: `riskScore` is `risk_score`."""
    return "_".join(_WORD.findall(name)).lower()


def rule_url(rule_id: str, *, base_url: str, space_id: str) -> str:
    """Return where the rule can be looked at, or "" when no public base URL is known."""
    if not base_url:
        return ""
    space = "" if space_id == "default" else f"/s/{space_id}"
    return f"{base_url.rstrip('/')}{space}/app/management/insightsAndAlerting/triggersActions/rule/{rule_id}"


def _rule(rule: Rule, alert: Alert, base_url: str) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name or alert.rule_name,
        "type": rule.rule_type_id or alert.rule_type_id,
        "spaceId": alert.space_id,
        "tags": list(rule.tags or alert.rule_tags),
        "params": dict(rule.params or alert.rule_parameters),
        "url": rule_url(rule.id, base_url=base_url, space_id=alert.space_id),
    }


def _legacy(about: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "alertId": about["id"],
        "alertName": about["name"],
        "spaceId": about["spaceId"],
        "tags": about["tags"],
        "params": about["params"],
    }


def for_alert(rule: Rule, event: Event, *, at: datetime, base_url: str = "") -> dict[str, Any]:
    """Return the variables of an action that runs for one alert."""
    about = _rule(rule, event.alert, base_url)
    name = group_name(event.group)
    return {
        **event.alert.document,
        **_legacy(about),
        "alertInstanceId": event.alert.alert_id,
        "alertActionGroup": event.group,
        "alertActionGroupName": name,
        "context": dict(event.alert.context),
        "state": dict(event.alert.state),
        "date": iso(at),
        "kibanaBaseUrl": base_url,
        "rule": about,
        "alert": {
            "id": event.alert.alert_id,
            "uuid": event.uuid,
            "actionGroup": event.group,
            "actionGroupName": name,
            "flapping": event.flapping,
            "consecutiveMatches": event.consecutive,
        },
    }


def for_summary(
    rule: Rule,
    sample: Alert,
    *,
    new: Sequence[Alert],
    ongoing: Sequence[Alert],
    recovered: Sequence[Alert],
    at: datetime,
    base_url: str = "",
) -> dict[str, Any]:
    """Return the variables of a summary; its `alert.id` and `alert.uuid` are the rule's id."""
    about = _rule(rule, sample, base_url)
    everything = _counted([*new, *ongoing, *recovered])
    return {
        **_legacy(about),
        "alertInstanceId": rule.id,
        "alertActionGroup": "default",
        "alertActionGroupName": group_name("default"),
        # What the summaries of security rules were given before there were `alerts`.
        "context": {
            "alerts": everything["data"],
            "results_link": about["url"],
            "rule": {
                snake_case(name): value
                for name, value in {**about["params"], "name": about["name"], "id": rule.id}.items()
            },
        },
        "state": {"signals_count": everything["count"]},
        "date": iso(at),
        "kibanaBaseUrl": base_url,
        "rule": about,
        "alert": {
            "id": rule.id,
            "uuid": rule.id,
            "actionGroup": "default",
            "actionGroupName": group_name("default"),
            "flapping": False,
            "consecutiveMatches": 0,
        },
        "alerts": {
            "all": everything,
            "new": _counted(new),
            "ongoing": _counted(ongoing),
            "recovered": _counted(recovered),
        },
    }


def _counted(alerts: Iterable[Alert]) -> dict[str, Any]:
    data = [dict(alert.document) for alert in alerts]
    return {"count": len(data), "data": data}
