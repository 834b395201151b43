"""The sub-actions of ServiceNow ITSM (source: Kibana 8.13 docs, ServiceNow ITSM connector)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandtable_connector.errors import SubActionUnavailable
from sandtable_connector.services.closing import close_incident
from sandtable_connector.services.pushing import push
from sandtable_connector.services.service import Service

Run = Callable[[Service, Mapping[str, Any]], Any]


def get_fields(service: Service, params: Mapping[str, Any]) -> Any:
    """Return the writable text columns of the incident's table."""
    return service.fields()


def get_choices(service: Service, params: Mapping[str, Any]) -> Any:
    """Return the choices of the fields that ``params["fields"]`` names."""
    return service.choices(params["fields"])


def get_incident(service: Service, params: Mapping[str, Any]) -> Any:
    """Return the incident that ``params["externalId"]`` names, or {} where the behaviour has no such branch."""
    return service.read_incident(params["externalId"]) if service.behaviour.get_incident_reads else {}


def handshake(service: Service, params: Mapping[str, Any]) -> Any:
    """Raise SubActionUnavailable: the schema knows the sub-action and nothing implements it."""
    raise SubActionUnavailable("[Action][ExternalService] subAction handshake not implemented.")


def close(service: Service, params: Mapping[str, Any]) -> Any:
    """Close the incident named by externalId or correlation_id; {} when there is none."""
    incident = params["incident"]
    return close_incident(service, incident["externalId"], incident["correlation_id"]) or {}


ACTIONS: Mapping[str, Run] = {
    "getFields": get_fields,
    "getIncident": get_incident,
    "handshake": handshake,
    "pushToService": push,
    "getChoices": get_choices,
    "closeIncident": close,
}
