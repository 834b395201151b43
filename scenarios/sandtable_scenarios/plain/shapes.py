"""What settings and parameters must look like before a plain client sends anything (docs/connector-protocol.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

LONGEST_ID = 100
MOST_ADDITIONAL = 20
INCIDENT = ("short_description", "description", "category", "subcategory", "correlation_id", "correlation_display")
OWN = {
    ".servicenow": ("severity", "urgency", "impact"),
    ".servicenow-sir": ("priority", "dest_ip", "source_ip", "malware_hash", "malware_url"),
}
OBSERVABLES = ("dest_ip", "source_ip", "malware_hash", "malware_url")
EVENT = (
    *("source", "event_class", "resource", "node", "metric_name", "type", "severity", "description"),
    *("additional_info", "message_key", "time_of_event"),
)
ACTIONS = {
    ".servicenow": ("pushToService", "closeIncident", "getChoices", "getFields", "getIncident"),
    ".servicenow-sir": ("pushToService", "getChoices", "getFields", "getIncident"),
    ".servicenow-itom": ("addEvent", "getChoices"),
}
CONFIG = {"apiUrl": str, "isOAuth": bool, "usesTableApi": bool, "clientId": str, "jwtKeyId": str}
CONFIG |= {"userIdentifierValue": str}
SECRETS = ("username", "password", "clientSecret", "privateKey", "privateKeyPassword")
OAUTH_ONLY = ("clientId", "jwtKeyId", "userIdentifierValue")
FORBIDDEN_ADDITIONAL = (*INCIDENT, "externalId", "additional_fields")


class Refused(Exception):
    """What is asked for cannot work; the text names the member and why."""


def require(holds: object, text: str) -> None:
    """Raise Refused with the text unless something holds."""
    if not holds:
        raise Refused(text)


def check_settings(kind: str, config: Mapping[str, Any], secrets: Mapping[str, Any]) -> None:
    """Refuse settings with unknown or missing members, members of another type, or credentials of both kinds."""
    require(kind in ACTIONS, f"connector_type_id: {kind!r} is not known")
    for name, value in config.items():
        require(name in CONFIG, f"config.{name}: unknown")
        require(value is None or isinstance(value, CONFIG[name]), f"config.{name}: {value!r} is of another type")
    for name, value in secrets.items():
        require(name in SECRETS, f"secrets.{name}: unknown")
        require(value is None or isinstance(value, str), f"secrets.{name}: no text")
    address = str(config.get("apiUrl") or "").lower()
    require(address.startswith(("http://", "https://")), "config.apiUrl: no address")
    basic = [secrets.get(name) for name in ("username", "password")]
    keys = [secrets.get(name) for name in ("clientSecret", "privateKey")]
    if config.get("isOAuth"):
        for name in OAUTH_ONLY:
            require(config.get(name), f"config.{name}: missing, and needed with isOAuth")
        require(all(keys), "secrets: clientSecret and privateKey are needed with isOAuth")
        require(not any(basic), "secrets: username and password do not go with isOAuth")
    else:
        require(all(basic), "secrets: username and password are both needed")
        require(not any(keys), "secrets: clientSecret and privateKey go with isOAuth only")
        require(not any(config.get(name) for name in OAUTH_ONLY), "config: settings of OAuth without isOAuth")


def _texts(value: Any, names: tuple[str, ...], where: str, lists: tuple[str, ...] = ()) -> dict[str, Any]:
    require(isinstance(value, Mapping), f"{where}: no object")
    for name, inner in value.items():
        require(name in names, f"{where}.{name}: unknown")
        listed = name in lists and isinstance(inner, list) and all(isinstance(each, str) for each in inner)
        require(inner is None or isinstance(inner, str) or listed, f"{where}.{name}: no text")
    return dict(value)


def _id(incident: Mapping[str, Any]) -> None:
    length = len(incident.get("correlation_id") or "")
    require(length <= LONGEST_ID, f"correlation_id: {length} characters, and {LONGEST_ID} are the most")


def check_push(kind: str, given: Any) -> tuple[dict[str, Any], dict[str, Any], list[tuple[str, str]]]:
    """Return the incident, its additional fields, and its comments as (ID, text); Refused when they cannot be."""
    require(isinstance(given, Mapping) and set(given) <= {"incident", "comments"}, "subActionParams: unknown members")
    require(isinstance(given.get("incident"), Mapping), "subActionParams.incident: missing")
    incident = dict(given["incident"])
    extra = incident.pop("additional_fields", None)
    incident = _texts(incident, (*INCIDENT, *OWN[kind], "externalId"), "incident", OBSERVABLES)
    require(isinstance(incident.get("short_description"), str), "incident.short_description: missing")
    _id(incident)
    comments = [] if given.get("comments") is None else given["comments"]
    require(isinstance(comments, list), "comments: no list")
    for entry in comments:
        require(isinstance(entry, Mapping) and set(entry) == {"commentId", "comment"}, "comments: not ID and text")
        require(all(isinstance(text, str) for text in entry.values()), "comments: not texts")
    return incident, additional(extra), [(entry["commentId"], entry["comment"]) for entry in comments]


def additional(given: Any) -> dict[str, Any]:
    """Return additional fields, an object or the JSON text of one; Refused when they are too many or forbidden."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            raise Refused("additional_fields: no JSON") from None
    if given is None:
        return {}
    require(isinstance(given, Mapping), "additional_fields: no object")
    require(len(given) <= MOST_ADDITIONAL, f"additional_fields: more than {MOST_ADDITIONAL}")
    for name in given:
        require(name not in FORBIDDEN_ADDITIONAL, f"additional_fields.{name}: forbidden")
    return dict(given)


def check_close(given: Any) -> tuple[str | None, str | None]:
    """Return external ID and correlation ID of a close; Refused when there is neither."""
    require(isinstance(given, Mapping) and set(given) == {"incident"}, "subActionParams: an incident alone")
    incident = _texts(given["incident"], ("externalId", "correlation_id"), "incident")
    require(any(value is not None for value in incident.values()), "incident: no ID at all")
    if incident.get("externalId") is None:
        _id(incident)
    return incident.get("externalId"), incident.get("correlation_id")


def check_event(given: Any) -> dict[str, Any]:
    """Return the fields of an event, those that are null left out."""
    return {name: value for name, value in _texts(given, EVENT, "subActionParams").items() if value is not None}


def check_fields(given: Any) -> list[str]:
    """Return the fields whose choices are asked for."""
    names = given.get("fields") if isinstance(given, Mapping) and set(given) == {"fields"} else None
    require(isinstance(names, list) and all(isinstance(name, str) for name in names), "fields: no list of texts")
    return list(names or [])
