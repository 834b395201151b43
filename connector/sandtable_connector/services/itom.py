"""The sub-actions of ServiceNow ITOM.

Source: Kibana docs, ServiceNow ITOM connector; ServiceNow docs, event collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandtable_connector.services import itsm
from sandtable_connector.services.error_texts import Step
from sandtable_connector.services.service import Service
from sandtable_connector.values.dates import event_time


def add_event(service: Service, params: Mapping[str, Any]) -> Any:
    """Send one event and return {}; there is no read-back, and no app is needed."""
    with service.step(Step("Unable to add event", "post", "other", bracketed=False)):
        service.call("POST", service.urls.event(), {"records": [event_record(service, params)]})
    return {}


def event_record(service: Service, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record for an event: null fields left out, empty text kept, the time as the platform writes it.

    A time that cannot be read is left out, which is logged.
    """
    record = {name: value for name, value in params.items() if value is not None}
    given = record.pop("time_of_event", None)
    if given is not None:
        moment = event_time(given, service.behaviour)
        if moment is None:
            service.log("warn", f"time_of_event {given!r} is no date that can be read; the event goes without it")
        else:
            record["time_of_event"] = moment
    return record


ACTIONS: Mapping[str, itsm.Run] = {"addEvent": add_event, "getChoices": itsm.get_choices}
