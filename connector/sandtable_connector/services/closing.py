"""Closing an incident by its ID or its correlation ID.

Source: Kibana 8.13 docs, recovery actions; elastic/kibana#171760.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandtable_connector.errors import ABSENT, ConnectorError, ParametersRefused
from sandtable_connector.services.error_texts import Step
from sandtable_connector.services.service import Service

CLOSING = {"state": "7", "close_code": "Closed/Resolved by Caller", "close_notes": "Closed by Caller"}
"""What is written to an incident that is closed, and nothing else: no work note."""

_LOG = "[ServiceNow][CloseIncident]"


def close_incident(service: Service, external_id: str | None, correlation_id: str | None) -> dict[str, Any] | None:
    """Close one incident and return its title, id, date and url; None when there is none to close.

    An ``external_id`` is looked up alone, whatever the correlation ID. An incident that is closed already is returned
    as it is. An empty (not blank) ID looks nothing up. Raises ConnectorError; what counts as "none" and which of
    several is closed is the service's `Behaviour`.
    """
    try:
        with service.step(_step(service)):
            return _close(service, external_id, correlation_id)
    except ConnectorError as error:
        if error.status == 404 and service.behaviour.any_404_means_no_incident:
            service.log("warn", f"{_LOG} No incident found with incidentId: {_printed(external_id)}.")
            return None
        raise


def _step(service: Service) -> Step:
    if service.imports:
        return Step("Unable to close incident", "post", "import_set")
    return Step("Unable to close incident", "patch", "table")


def _close(service: Service, external_id: str | None, correlation_id: str | None) -> dict[str, Any] | None:
    if external_id is None and correlation_id is None:
        raise ParametersRefused("No correlationId or incidentId found.")
    named = f"correlation_id: {_printed(correlation_id)} or incidentId: {_printed(external_id)}"
    found = _found(service, external_id, correlation_id)
    if found is None:
        service.log("warn", f"{_LOG} No incident found with {named}.")
        return None
    if service.is_closed(found):
        service.log("warn", f"{_LOG} Incident with {named} is closed.")
        return service.described(found, "sys_updated_on")
    sys_id = found.get("sys_id", ABSENT) if isinstance(found, Mapping) else ABSENT
    if not service.behaviour.javascript_slips and sys_id is not ABSENT:
        sys_id = str(sys_id)
    return service.update_incident(sys_id, CLOSING)


def _found(service: Service, external_id: str | None, correlation_id: str | None) -> Any:
    try:
        if external_id:
            record = service.read_incident(external_id)
            return None if not record and service.behaviour.empty_lookup_ends else record
        if correlation_id:
            return _chosen(service, service.incidents_with(correlation_id), correlation_id)
    except ConnectorError as error:
        if error.status != 404 or service.behaviour.any_404_means_no_incident:
            raise
    return None


def _chosen(service: Service, rows: Any, correlation_id: str) -> Any:
    candidates = rows if isinstance(rows, list) else []
    if isinstance(rows, str) and service.behaviour.javascript_slips:
        candidates = list(rows)  # the first character passes for a record
    if service.behaviour.lookup_verified:
        candidates = [row for row in candidates if _is_about(row, correlation_id)]
    if not candidates or (service.behaviour.empty_lookup_ends and not candidates[0]):
        return None  # a row without any field is what a user without rights to read them gets
    if service.behaviour.close_target == "latest open":
        return next((row for row in candidates if not service.is_closed(row)), candidates[0])
    return candidates[0]


def _is_about(row: Any, correlation_id: str) -> bool:
    """Return whether a row has the correlation ID; one whose correlation_id may not be read is believed."""
    if not isinstance(row, Mapping):
        return False
    value = row.get("correlation_id")
    return value is None or str(value).strip().casefold() == correlation_id.strip().casefold()


def _printed(value: str | None) -> str:
    return "null" if value is None else value
