"""The fields of the connectors' forms: what they are called, which belong together, and what the form itself refuses.

Source: Kibana 8.13 docs, connector configuration and test connectors; observed behaviour of Kibana's forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sandtable_connector.connector_types import ConnectorType

BASIC, OAUTH, ALWAYS = "basic", "oauth", ""


@dataclass(frozen=True, slots=True)
class Input:
    """One input: its wire name, its label, when it is shown, and whether it must be filled in."""

    name: str
    label: str
    when: str = ALWAYS
    secret: bool = False
    required: bool = True
    long: bool = False


# The eleven properties of a connector are these and the switch for OAuth.
INPUTS: tuple[Input, ...] = (
    Input("apiUrl", "ServiceNow instance URL"),
    Input("clientId", "Client ID", OAUTH),
    Input("userIdentifierValue", "User Identifier", OAUTH),
    Input("jwtKeyId", "JWT Verifier Key ID", OAUTH),
    Input("clientSecret", "Client Secret", OAUTH, secret=True),
    Input("privateKey", "Private Key", OAUTH, secret=True, long=True),
    Input("privateKeyPassword", "Private Key Password", OAUTH, secret=True, required=False),
    Input("username", "Username", BASIC, secret=True),
    Input("password", "Password", BASIC, secret=True),
)
ACTION_LABELS: Mapping[str, str] = {
    "short_description": "Short description",
    "description": "Description",
    "category": "Category",
    "subcategory": "Subcategory",
    "urgency": "Urgency",
    "severity": "Severity",
    "impact": "Impact",
    "priority": "Priority",
    "correlation_id": "Correlation ID",
    "correlation_display": "Correlation display",
    "additional_fields": "Additional fields",
    "comments": "Additional comments",
    "source": "Source",
    "event_class": "Source instance",
    "resource": "Resource",
    "node": "Node",
    "metric_name": "Metric name",
    "type": "Type",
    "additional_info": "Additional info",
    "message_key": "Message key",
    "time_of_event": "Time of event",
}
ACTION_ORDER = (
    "urgency",
    "severity",
    "impact",
    "priority",
    "category",
    "subcategory",
    "correlation_id",
    "correlation_display",
    "source",
    "event_class",
    "resource",
    "node",
    "metric_name",
    "type",
    "message_key",
    "time_of_event",
    "short_description",
    "description",
    "comments",
    "additional_info",
    "additional_fields",
)
LONG_INPUTS = frozenset({"description", "comments", "additional_fields", "additional_info"})


def mode_of(values: Mapping[str, str]) -> str:
    """Return which credentials a form is for."""
    return OAUTH if values.get("isOAuth") == "true" else BASIC


def shown_inputs(mode: str) -> list[Input]:
    """Return the inputs of a form for one kind of credentials."""
    return [each for each in INPUTS if each.when in (ALWAYS, mode)]


def complaints(values: Mapping[str, str], *, keeps_secrets: bool) -> dict[str, str]:
    """Return what the form says under its fields; secrets may stay empty where the kept ones are used."""
    found = {}
    if not values.get("name", "").strip():
        found["name"] = "Name is required."
    for each in shown_inputs(mode_of(values)):
        text = values.get(each.name, "")
        if each.required and not text.strip() and not (each.secret and keeps_secrets):
            found[each.name] = f"{each.label} is required."
    url = values.get("apiUrl", "").strip()
    if url and not _is_url(url):
        found["apiUrl"] = "URL is invalid."
    return found


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def config_and_secrets(
    kind: ConnectorType, values: Mapping[str, str]
) -> tuple[dict[str, str | bool | None], dict[str, str | None]]:
    """Return what a form sends: the config with a new connector's way of writing, and the secrets that were typed."""
    mode = mode_of(values)
    shown = shown_inputs(mode)
    config: dict[str, str | bool | None] = {
        each.name: values.get(each.name, "").strip() or None for each in shown if not each.secret
    }
    config["isOAuth"] = mode == OAUTH
    if kind.has_app:
        config["usesTableApi"] = False
    secrets = {each.name: values.get(each.name) or None for each in shown if each.secret}
    return config, {name: text for name, text in secrets.items() if text is not None}
