"""Pushing a case to its external record.

Source: Kibana docs, push cases to external incident management systems; elastic/kibana#103071, #198146, #201948.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sandtable_connector.cases.case import Case, CaseComment, CasePush, Person, alert_values
from sandtable_connector.connector import Connector
from sandtable_connector.connector_types import ITSM, SIR, ConnectorType
from sandtable_connector.errors import Permanent

DISPLAY = "Elastic Case"
Closure = Literal["close-by-user", "close-by-pushing"]
_ITSM_FIELDS = ("severity", "urgency", "impact", "category", "subcategory")
_SIR_FIELDS = ("category", "subcategory", "priority")
# Flag of the case's form, field of the alert, observable of the incident.
_OBSERVABLES = (
    ("destIp", "destination.ip", "dest_ip"),
    ("sourceIp", "source.ip", "source_ip"),
    ("malwareHash", "file.hash.sha256", "malware_hash"),
    ("malwareUrl", "url.full", "malware_url"),
)
_APPS = {"securitySolution": "security", "observability": "observability"}
_STATES: Mapping[str, Mapping[str, str]] = {
    ITSM.id: {"1": "open", **dict.fromkeys("23", "in-progress"), **dict.fromkeys("678", "closed")},
    SIR.id: {
        "1": "open",
        **dict.fromkeys(("10", "16", "18", "19", "100"), "in-progress"),
        **dict.fromkeys(("3", "7"), "closed"),
    },
}


class PushFailed(Permanent):
    """The case was not pushed; nothing in it changed. ``status`` is 424 when the instance failed, else 400 or 409."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedCase:
    """A case after a push, and what the connector was asked and gave back."""

    case: Case
    params: Mapping[str, Any]
    data: Mapping[str, Any]


def push_case(
    case: Case,
    connector: Connector,
    *,
    by: Person | None = None,
    closure: Closure = "close-by-user",
    public_base_url: str = "",
    clock: Callable[[], float] = time.time,
) -> PushedCase:
    """Push a case with what is new in it, and return the case with the push noted; PushFailed changes nothing.

    The first push through a connector creates a record, later ones update it by its id, also after other connectors
    were used in between. `close-by-pushing` closes the case; the record is never closed. It is tried once.
    """
    if "cases" not in connector.type.features:
        raise PushFailed(f"{connector.type.name} cannot be used for cases", status=400)
    if case.status == "closed" and not connector.behaviour.closed_cases_pushed:
        raise PushFailed(f"The {case.title} case is closed. Pushing a closed case is not allowed.", status=409)
    params = case_params(case, connector, public_base_url=public_base_url)
    # The time before the push: a comment written meanwhile is then new to the next one.
    now = datetime.fromtimestamp(clock(), UTC)
    result = connector.execute(params)
    if result.status != "ok":
        text = result.service_message or result.message or ""
        raise PushFailed(f"Failed to push case: Error: {text}", status=424)
    data: Mapping[str, Any] = result.data
    push = CasePush(
        connector_id=connector.connector_id,
        connector_name=connector.name,
        external_id=str(data["id"]),
        external_title=str(data["title"]),
        external_url=str(data["url"]),
        pushed_at=now,
        pushed_by=by or Person(),
    )
    sent = {comment["commentId"] for comment in params["subActionParams"]["comments"]}
    closes = closure == "close-by-pushing" and case.status != "closed"
    pushed = replace(
        case,
        pushes=(*case.pushes, push),
        comments=tuple(_noted(comment, sent, case, now) for comment in case.comments),
        status="closed" if closes else case.status,
        closed_at=now if closes else case.closed_at,
    )
    return PushedCase(case=pushed, params=params, data=data)


def case_params(case: Case, connector: Connector, *, public_base_url: str = "") -> dict[str, Any]:
    """Return what a push of the case asks of the connector: the incident, and the comments that are new to it."""
    last = case.last_push(connector.connector_id)
    incident: dict[str, Any] = {
        "short_description": case.title,
        "description": _described(case, public_base_url),
        "externalId": last.external_id if last is not None else None,
        "correlation_id": case.id,
        "correlation_display": DISPLAY,
        **_own_fields(case, connector),
    }
    comments = [
        {"commentId": comment.id, "comment": f"{comment.comment}\n\nAdded by {comment.author}."}
        for comment in case.comments
        if comment.kind == "user" and (last is None or comment.changed_at >= last.pushed_at)
    ]
    attached = [comment for comment in case.comments if comment.kind == "alert"]
    if any(comment.pushed_at is None for comment in attached):
        count = len({alert_id for comment in attached for alert_id in comment.alert_ids})
        text = f"Elastic Alerts attached to the case: {count}"
        if public_base_url:
            text += f"\n\nAlerts URL: {case_url(case, public_base_url)}?tabId=alerts"
        comments.append({"commentId": f"{case.id}-total-alerts", "comment": text})
    return {"subAction": "pushToService", "subActionParams": {"incident": incident, "comments": comments}}


def case_url(case: Case, public_base_url: str) -> str:
    """Return where a case can be looked at."""
    space = "" if case.space_id == "default" else f"/s/{case.space_id}"
    app = _APPS.get(case.owner)
    where = f"app/{app}/cases" if app else "app/management/insightsAndAlerting/cases"
    return f"{public_base_url.rstrip('/')}{space}/{where}/{case.id}"


def case_status(kind: ConnectorType, state: str) -> str | None:
    """Return the status of a case that a record's state stands for, None for a state that stands for none."""
    return _STATES.get(kind.id, {}).get(state)


def offered_for_new_cases(connector: Connector) -> bool:
    """Return whether a connector can be chosen for a new case: a deprecated one only stays where it is."""
    return "cases" in connector.type.features and not connector.is_deprecated


def _described(case: Case, public_base_url: str) -> str:
    text = f"{case.description}\n\nAdded by {case.author}."
    if public_base_url:
        text += f"\nFor more details, view this case in Kibana.\nCase URL: {case_url(case, public_base_url)}"
    return text


def _own_fields(case: Case, connector: Connector) -> dict[str, Any]:
    given = case.fields
    if connector.type is SIR:
        own = {name: given.get(name) for name in _SIR_FIELDS}
        for flag, field, observable in _OBSERVABLES:
            values = alert_values(case, field) if given.get(flag) else []
            own[observable] = values or None
    else:
        own = {name: given.get(name) for name in _ITSM_FIELDS}
    extra = given.get("additionalFields")
    if extra and connector.behaviour.additional_fields_known:
        own["additional_fields"] = extra if isinstance(extra, str) else json.dumps(extra)
    return own


def _noted(comment: CaseComment, sent: set[str], case: Case, now: datetime) -> CaseComment:
    if comment.id in sent or (comment.kind == "alert" and f"{case.id}-total-alerts" in sent):
        return replace(comment, pushed_at=now)
    return comment
