"""What each sub-action takes: schemas by connector type and release, and their texts.

Source: Kibana docs, ServiceNow connector actions; elastic/kibana#184023 for additional_fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.connector_types import ITOM, ITSM, SIR, ConnectorType
from sandtable_connector.errors import ParametersRefused
from sandtable_connector.schemas.schema import (
    AnyOf,
    Exactly,
    Fields,
    Items,
    JsonObject,
    Node,
    Nullable,
    Tagged,
    Text,
    worded,
)

PREFIX = "error validating action params: "
MOST_ADDITIONAL_FIELDS = 20
FORBIDDEN_ADDITIONAL_FIELDS = (
    "short_description",
    "description",
    "externalId",
    "category",
    "subcategory",
    "correlation_id",
    "correlation_display",
    "additional_fields",
)
OBSERVABLE_FIELDS = ("dest_ip", "source_ip", "malware_hash", "malware_url")
EVENT_FIELDS = (
    "source",
    "event_class",
    "resource",
    "node",
    "metric_name",
    "type",
    "severity",
    "description",
    "additional_info",
    "message_key",
    "time_of_event",
)
_COMMENTS = Nullable(Items(Fields({"comment": Text(), "commentId": Text()})))


@dataclass(frozen=True, slots=True)
class Action:
    """A sub-action with its checked parameters, defaults filled in."""

    name: str
    params: Mapping[str, Any]


def check_params(kind: ConnectorType, params: Any, behaviour: Behaviour) -> Action:
    """Return the action that params of ``{subAction, subActionParams}`` ask for; ParametersRefused says what is wrong.

    Nothing has been sent when it raises.
    """
    try:
        plain = _plain(params)
    except RecursionError:
        raise ParametersRefused(f"{PREFIX}the parameters are nested too deeply to be sent") from None
    checked, complaints = params_schema(kind, behaviour).check(plain, (), behaviour.validation_texts)
    if complaints:
        raise ParametersRefused(PREFIX + worded(complaints, behaviour.validation_texts))
    action = Action(checked["subAction"], checked.get("subActionParams", {}))
    _check_correlation_id(action, behaviour)
    return action


def params_schema(kind: ConnectorType, behaviour: Behaviour) -> Tagged:
    """Return the shape of a type's params: one member for each sub-action, in the order error texts number them."""
    known: dict[str, Fields] = {
        # Current releases let any object through here.
        "getFields": Fields(open=behaviour.validation_texts == "zod"),
        "getIncident": Fields({"externalId": Text()}),
        "handshake": Fields(open=behaviour.validation_texts == "zod"),
        "pushToService": Fields({"incident": _incident(kind, behaviour), "comments": _COMMENTS}),
        "getChoices": Fields({"fields": Items(Text())}),
        "closeIncident": Fields(
            {
                "incident": Fields(
                    {
                        "externalId": Nullable(Text()),
                        "correlation_id": Nullable(Text(), behaviour.correlation_id_default),
                    }
                )
            }
        ),
        "addEvent": Fields(
            {
                name: Nullable(Text(), behaviour.correlation_id_default if name == "message_key" else None)
                for name in EVENT_FIELDS
            }
        ),
    }
    return Tagged(
        "subAction",
        {name: Fields({"subAction": Exactly(name), "subActionParams": known[name]}) for name in kind.sub_actions},
    )


def _incident(kind: ConnectorType, behaviour: Behaviour) -> Fields:
    optional = Nullable(Text())
    fields: dict[str, Node] = {
        "short_description": Text(),
        "description": optional,
        "externalId": optional,
        "category": optional,
        "subcategory": optional,
        "correlation_id": Nullable(Text(), behaviour.correlation_id_default),
        "correlation_display": optional,
    }
    own: dict[str, dict[str, Node]] = {
        ITSM.id: dict.fromkeys(("severity", "urgency", "impact"), optional),
        SIR.id: {
            **dict.fromkeys(OBSERVABLE_FIELDS, Nullable(AnyOf((Text(), Items(Text()))))),
            "priority": optional,
        },
        ITOM.id: {},
    }
    fields |= own[kind.id]
    if behaviour.additional_fields_known:
        fields["additional_fields"] = Nullable(JsonObject(refused_additional_fields))
    return Fields(fields)


def refused_additional_fields(fields: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return why a set of additional fields is refused and the name of the one that is, or None."""
    if len(fields) > MOST_ADDITIONAL_FIELDS:
        return f"A maximum of {MOST_ADDITIONAL_FIELDS} fields in additional_fields can be defined at a time.", ""
    forbidden = [name for name in fields if name in FORBIDDEN_ADDITIONAL_FIELDS]
    if forbidden:
        named = ", ".join(forbidden)
        return f"The following properties cannot be defined inside additional_fields: {named}.", forbidden[0]
    return None


def _check_correlation_id(action: Action, behaviour: Behaviour) -> None:
    limit = behaviour.correlation_id_limit
    incident = action.params.get("incident")
    correlation_id = incident.get("correlation_id") if isinstance(incident, Mapping) else None
    if limit is not None and correlation_id is not None and len(correlation_id) > limit:
        raise ParametersRefused(
            f"{PREFIX}[subActionParams.incident.correlation_id]: {len(correlation_id)} characters are too many, "
            f"ServiceNow keeps {limit} and the incident could not be found again; shorten the alert ID or the template"
        )


def _plain(value: Any) -> Any:
    """Return mappings as dicts and sequences as lists, so that the schema sees the types JSON has."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
