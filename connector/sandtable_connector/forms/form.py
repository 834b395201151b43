"""What the Test tab of a connector does: fetch the form's choices, check the form, run one action.

Source: Kibana 8.13 docs, test connectors; observed behaviour of Kibana's forms.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sandtable_connector.connector import Connector, ExecutionResult
from sandtable_connector.connector_types import ITOM, ConnectorType
from sandtable_connector.errors import ParametersRefused
from sandtable_connector.schemas.params import EVENT_FIELDS

Event = Literal["trigger", "resolve"]

_INCIDENT_INPUTS = ("short_description", "description", "category", "subcategory")
_INPUTS: Mapping[str, tuple[str, ...]] = {
    ".servicenow": (*_INCIDENT_INPUTS, "severity", "urgency", "impact"),
    ".servicenow-sir": (*_INCIDENT_INPUTS, "priority"),
    ".servicenow-itom": EVENT_FIELDS,
}
_NOT_IN_DEPRECATED = ("correlation_id", "correlation_display", "additional_fields")


@dataclass(frozen=True, kw_only=True)
class FormChoice:
    """One entry of a drop-down: what is sent, what is shown, and the category it belongs to (a subcategory's)."""

    value: str
    label: str
    dependent_value: str = ""


@dataclass(frozen=True, kw_only=True)
class TestReport:
    """How a test went: the choices its form offered by field, what was sent, and how the execution ended.

    ``choices_error`` says why the drop-downs stayed empty; the action is run all the same, as in the product.
    """

    __test__ = False

    choices: Mapping[str, tuple[FormChoice, ...]] = field(default_factory=dict)
    choices_error: str | None = None
    params: Mapping[str, Any]
    result: ExecutionResult


def form_inputs(kind: ConnectorType, *, deprecated: bool) -> tuple[str, ...]:
    """Return the names of a type's inputs, as `connector_test` takes them."""
    inputs = _INPUTS[kind.id]
    if kind is ITOM:
        return inputs
    return (*inputs, "comments") if deprecated else (*inputs, *_NOT_IN_DEPRECATED, "comments")


def form_params(connector: Connector, fields: Mapping[str, Any], *, event: Event = "trigger") -> dict[str, Any]:
    """Return the params that a filled-in form sends; ParametersRefused has the form's own text for a wrong entry.

    ``fields`` maps inputs to text; "comments" is the text of Additional comments. ``event`` is the selector of ITSM:
    trigger pushes, resolve closes by correlation ID.
    """
    allowed = form_inputs(connector.type, deprecated=connector.is_deprecated)
    for name in fields:
        if name not in allowed:
            near = difflib.get_close_matches(name, allowed, 1)
            hint = f"did you mean {near[0]}? It has" if near else "it has"
            raise ParametersRefused(
                f"{name}: the form of {connector.type.name} has no such input; {hint} {', '.join(allowed)}"
            )
    if connector.type is ITOM:
        return _event_params(fields)
    if event == "resolve":
        return _closing_params(connector, fields)
    if not str(fields.get("short_description") or "").strip():
        raise ParametersRefused("Short description is required.")
    incident = {name: value for name, value in fields.items() if name != "comments"}
    _check_additional_fields(incident)
    comment = fields.get("comments")
    comments = [{"commentId": "1", "comment": comment}] if comment else []
    return {"subAction": "pushToService", "subActionParams": {"incident": incident, "comments": comments}}


def connector_test(connector: Connector, fields: Mapping[str, Any], *, event: Event = "trigger") -> TestReport:
    """Do what the Test tab does, and report it; ParametersRefused when the form itself would not be sent.

    The choices are asked for first, as the form does when it opens, so the instance sees one request more.
    """
    params = form_params(connector, fields, event=event)
    choices, problem = form_choices(connector)
    _refuse_off_the_list(fields, choices)
    return TestReport(choices=choices, choices_error=problem, params=params, result=connector.execute(params))


def _refuse_off_the_list(fields: Mapping[str, Any], choices: Mapping[str, tuple[FormChoice, ...]]) -> None:
    """Refuse a value that its drop-down does not offer: in the form it could not be chosen."""
    for name, listed in choices.items():
        value = fields.get(name)
        category = str(fields.get("category") or "")
        offered = subcategories(choices, category) if name == "subcategory" and category else listed
        if value and offered and value not in {choice.value for choice in offered}:
            known = ", ".join(dict.fromkeys(f"{choice.value} ({choice.label})" for choice in offered))
            raise ParametersRefused(f"{name}: {value!r} is not among the choices of the form: {known}")


def form_choices(connector: Connector) -> tuple[dict[str, tuple[FormChoice, ...]], str | None]:
    """Return the drop-downs of the connector's form by field, and why they are empty if they could not be had."""
    wanted = connector.type.form_choices
    answer = connector.execute({"subAction": "getChoices", "subActionParams": {"fields": list(wanted)}})
    if answer.status == "error":
        return {}, answer.service_message or answer.message
    rows = [row for row in answer.data if isinstance(row, Mapping)] if isinstance(answer.data, list) else []
    return {name: tuple(_choice(row) for row in rows if row.get("element") == name) for name in wanted}, None


def subcategories(choices: Mapping[str, tuple[FormChoice, ...]], category: str) -> tuple[FormChoice, ...]:
    """Return the subcategories that the form offers once a category is chosen."""
    return tuple(choice for choice in choices.get("subcategory", ()) if choice.dependent_value == category)


def _choice(row: Mapping[str, Any]) -> FormChoice:
    return FormChoice(
        value=str(row.get("value", "")),
        label=str(row.get("label", "")),
        dependent_value=str(row.get("dependent_value") or ""),
    )


def _event_params(fields: Mapping[str, Any]) -> dict[str, Any]:
    if not fields.get("severity"):
        raise ParametersRefused("Severity is required.")
    if fields.get("additional_info"):
        try:
            json.loads(fields["additional_info"])
        except (ValueError, TypeError, RecursionError):
            raise ParametersRefused("The additional info field does not have a valid JSON format.") from None
    return {"subAction": "addEvent", "subActionParams": dict(fields)}


def _closing_params(connector: Connector, fields: Mapping[str, Any]) -> dict[str, Any]:
    if "closeIncident" not in connector.type.sub_actions:
        raise ParametersRefused(f"{connector.type.name} cannot close incidents; only ServiceNow ITSM can")
    if not str(fields.get("correlation_id") or "").strip():
        raise ParametersRefused("Correlation id is required.")
    incident = {"correlation_id": fields["correlation_id"]}
    return {"subAction": "closeIncident", "subActionParams": {"incident": incident}}


def _check_additional_fields(incident: Mapping[str, Any]) -> None:
    given = incident.get("additional_fields")
    if isinstance(given, str) and given:
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            raise ParametersRefused("Invalid JSON.") from None
    if isinstance(given, Mapping) and len(given) > 20:
        raise ParametersRefused("A maximum of 20 additional fields can be defined at a time.")
