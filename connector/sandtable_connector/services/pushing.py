"""Pushing an incident with its comments (source: Kibana 8.13 docs, correlation ID and additional comments)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandtable_connector.errors import ABSENT
from sandtable_connector.services.service import Service

_REOPENED = {"state": "2"}


def push(service: Service, params: Mapping[str, Any]) -> dict[str, Any]:
    """Create an incident, or update the one ``externalId`` names, then add each comment; return what was written.

    Whether a create becomes an update of the incident with the same correlation ID is decided by the app in the
    instance. Each comment is one more whole update; all report the date of the first write. A failure part of the way
    raises and leaves what was written before it.
    """
    incident = {name: value for name, value in params["incident"].items() if name != "externalId"}
    correlation_id = incident.get("correlation_id")
    if correlation_id and service.urls.is_blank(correlation_id) and not service.behaviour.blank_correlation_id_sent:
        incident["correlation_id"] = None
    external_id = params["incident"].get("externalId")
    if external_id is None:
        pushed = service.create_incident(incident)
    else:
        pushed = service.update_incident(external_id, incident)
    if service.behaviour.reopens_closed and service.is_closed(service.read_incident(pushed["id"])):
        service.update_incident(pushed["id"], _REOPENED)
    comments = params.get("comments")
    if comments:
        pushed["comments"] = [_comment(service, pushed, incident, comment) for comment in comments]
    return pushed


def _comment(
    service: Service, pushed: Mapping[str, Any], incident: Mapping[str, Any], comment: Mapping[str, str]
) -> dict[str, Any]:
    service.update_incident(pushed.get("id", ABSENT), {**incident, service.kind.comment_field: comment["comment"]})
    return {"commentId": comment["commentId"], "pushedDate": pushed["pushedDate"]}
