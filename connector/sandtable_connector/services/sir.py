"""The sub-actions of ServiceNow SecOps, with observables (source: Kibana docs, ServiceNow SecOps connector)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandtable_connector.errors import ABSENT
from sandtable_connector.schemas.params import OBSERVABLE_FIELDS
from sandtable_connector.services import itsm
from sandtable_connector.services.error_texts import Step
from sandtable_connector.services.pushing import push
from sandtable_connector.services.service import Service
from sandtable_connector.values.javascript_text import printed

_TYPES = (
    ("dest_ip", "ipv4-addr"),
    ("source_ip", "ipv4-addr"),
    ("malware_hash", "SHA256"),
    ("malware_url", "URL"),
)
_SEPARATORS = re.compile(r"[ ,|\r\n\t]+")


def push_with_observables(service: Service, params: Mapping[str, Any]) -> Any:
    """Push a security incident; in import mode its observables follow in one call of their own.

    The deprecated form has the four observable fields as columns instead, as text joined with commas. A failure to add
    observables raises after the incident exists.
    """
    incident = params["incident"]
    if not service.imports:
        joined = {name: _joined(incident.get(name)) for name in OBSERVABLE_FIELDS}
        return push(service, {**params, "incident": {**incident, **joined}})
    pushed = push(service, {**params, "incident": {**incident, **dict.fromkeys(OBSERVABLE_FIELDS)}})
    observables = observables_of(incident)
    if observables:
        add_observables(service, pushed.get("id", ABSENT), observables)
    return pushed


def observables_of(incident: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the observables of an incident: text is split, lists are not, doubles of one kind are dropped."""
    seen: dict[tuple[str, str], None] = {}
    for name, kind in _TYPES:
        given = incident.get(name) or []
        for value in _SEPARATORS.split(given) if isinstance(given, str) else given:
            if value:
                seen[value, kind] = None
    return [{"value": value, "type": kind} for value, kind in seen]


def add_observables(service: Service, sys_id: Any, observables: list[dict[str, str]]) -> list[Any]:
    """Add observables to a security incident in one bulk call and return the instance's answer."""
    shown = printed(sys_id)
    what = f"Unable to add observables to security incident with id {shown}"
    with service.step(Step(what, "post", "other")):
        service.check_application()
        url = service.urls.observables(service.kind.scope, shown)
        found = service.call("POST", url, observables)["result"]
        return found if isinstance(found, list) else [found]


def add_observable(service: Service, sys_id: str, observable: Mapping[str, str]) -> Any:
    """Add one observable through the single form of the call, which a push does not use."""
    with service.step(Step(f"Unable to add observable to security incident with id {sys_id}", "post", "other")):
        service.check_application()
        url = service.urls.observables(service.kind.scope, sys_id, bulk=False)
        return service.call("POST", url, dict(observable))["result"]


def _joined(value: Any) -> Any:
    return ",".join(value) if isinstance(value, list) else value


ACTIONS: Mapping[str, itsm.Run] = {
    "getFields": itsm.get_fields,
    "getIncident": itsm.get_incident,
    "handshake": itsm.handshake,
    "pushToService": push_with_observables,
    "getChoices": itsm.get_choices,
}
