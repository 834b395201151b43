"""Event Management: events by web service, and the alerts that a job makes of them.

Source: ServiceNow documentation, send events via web service, and event and alert states. Business rules do not run
for events that come in through the web service.
"""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandtable.apps.data_files import of_the_baseline
from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.clock import TEXT_FORMAT
from sandtable.core.values.errors import AccessDenied, BadRequest
from sandtable.core.values.texts import seconds, whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

SCOPE = "sn_em"
EVENTS, ALERTS = "em_event", "em_alert"
FIELDS = (
    "source",
    "event_class",
    "node",
    "resource",
    "metric_name",
    "type",
    "message_key",
    "severity",
    "description",
    "additional_info",
    "time_of_event",
    "resolution_state",
    "ci_type",
    "ci_identifier",
)
KEY_PARTS = ("source", "node", "type", "resource", "metric_name")
COPIED = (
    "source",
    "event_class",
    "node",
    "resource",
    "metric_name",
    "type",
    "description",
    "additional_info",
    "ci_type",
)
CLEAR, OK = "0", "5"
CLOSING = "Closing"


def receive(request: ScriptRequest) -> dict[str, Any]:
    """Store the events of a body `{"records": [{...}]}`; fields that an event has not are ignored and noted."""
    session = request.session
    instance = session.instance
    records = request.body.get("records") if isinstance(request.body, dict) else None
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise BadRequest("Invalid request body", 'The body must be {"records":[{...},...]}')
    if not instance.access.can(session, "create", EVENTS):
        raise AccessDenied("Insert")
    events = session.without_access_control().without_business_rules().table(EVENTS)
    for record in records:
        for name in record:
            if name not in FIELDS:
                instance.ledger.note("field", f"{EVENTS}.{name}", "not stored from a web service event")
        events.insert({**with_key({name: record[name] for name in FIELDS if name in record}), "state": "Ready"})
    return {"Default Bulk Endpoint": f"{len(records)} events were inserted"}


def with_key(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event with a message key: its own, else what identifies its origin, put together."""
    if event.get("message_key"):
        return event
    return {**event, "message_key": "".join(str(event.get(part) or "") for part in KEY_PARTS)}


def process_events(instance: Instance) -> int:
    """Make alerts of the events that are ready; return how many events were processed.

    An event waits property `sandtable.event_management.processing_delay` seconds of the instance's clock (default 1).
    """
    ready = _events_ready(instance)
    if not ready:
        return 0
    delay = seconds(instance.property("sandtable.event_management.processing_delay"), 1.0)
    due = (instance.clock.now() - timedelta(seconds=delay)).strftime(TEXT_FORMAT)
    session = instance.system()
    done = 0
    with instance.transaction():
        for event in ready:
            if event["sys_created_on"] <= due:
                session.table(EVENTS).update(event.sys_id, _processed(session, event))
                done += 1
    return done


def _events_ready(instance: Instance) -> tuple[Record, ...]:
    return instance.cached(("events ready",), (EVENTS,), lambda: _ready(instance))


def _ready(instance: Instance) -> tuple[Record, ...]:
    if not instance.dictionary.has(EVENTS):
        return ()
    return tuple(instance.system().table(EVENTS).query("state=Ready^ORDERBYsys_created_on"))


def _processed(session: Session, event: Record) -> dict[str, str]:
    """Do to the alerts what an event asks for; return what changes on the event."""
    if not event["severity"]:
        return {"state": "Error", "error_msg": "The event has no severity"}
    key = with_key(event.values_copy())["message_key"]
    alert = _alert(session, key)
    closing = event["resolution_state"] == CLOSING or event["severity"] in (CLEAR, OK)
    if closing and (alert is None or alert["state"] == "Closed"):
        return {"state": "Ignored", "message_key": key, "processing_notes": "No open alert to close"}
    moment = event["time_of_event"] or event["sys_created_on"]
    seen = {"severity": event["severity"], "last_event_time": event["sys_created_on"], "last_remote_time": moment}
    alerts = session.table(ALERTS)
    info = as_json(event["additional_info"])
    if alert is None or (alert["state"] == "Closed" and not _reopens(session.instance, alert)):
        first = {"initial_event_time": event["sys_created_on"], "initial_remote_time": moment}
        alert = alerts.insert(
            {
                **{name: event[name] for name in COPIED},
                "additional_info": info,
                **seen,
                **first,
                "message_key": key,
                "state": "Open",
            }
        )
    else:
        count = int(alert["event_count"] or 0) + 1
        alert = alerts.update(alert.sys_id, {**seen, **_state(session.instance, alert, closing), "event_count": count})
    return {
        "state": "Processed",
        "message_key": key,
        "alert": alert.sys_id,
        **({"additional_info": info} if info else {}),
    }


def as_json(info: str) -> str:
    """Return additional information as a JSON object: what is none becomes the value of `additional_content`.

    Source: ServiceNow documentation, event fields: what is not in JSON key/value format is normalized to it when the
    event is processed. The key is our reading of instances' alerts.
    """
    text = info.strip()
    if not text:
        return ""
    with contextlib.suppress(ValueError):
        if isinstance(json.loads(text), dict):
            return info
    return json.dumps({"additional_content": info}, ensure_ascii=False)


def _alert(session: Session, key: str) -> Record | None:
    """Return the newest alert of a message key."""
    found = session.table(ALERTS).page("", limit=None, offset=0, count=False, filters={"message_key": key}).records
    return found[-1] if found else None


def _state(instance: Instance, alert: Record, closing: bool) -> dict[str, object]:  # noqa: FBT001
    if closing:
        return {"state": "Closed"}
    if alert["state"] != "Closed":
        return {}
    flaps = int(alert["flap_count"] or 0) + 1
    often = flaps >= whole_number(instance.property("evt_mgmt.flap_frequency"), 10)
    return {"state": "Flapping" if often else "Reopen", "flap_count": flaps}


def _reopens(instance: Instance, alert: Record) -> bool:
    """Tell whether a closed alert is recent enough to be opened again."""
    window = seconds(instance.property("sandtable.event_management.reopen_interval"), 604_800.0)
    oldest = (instance.clock.now() - timedelta(seconds=window)).strftime(TEXT_FORMAT)
    return alert["last_event_time"] >= oldest


APPLICATION = Application(
    scope=SCOPE,
    name="Event Management",
    version="1.0.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Events, and the alerts made of them",
    tables=of_the_baseline("events.json"),
    resources=(
        Resource(
            "POST", "/api/global/em/jsonv2", receive, scope="global", service="Inbound Event Default Bulk Endpoint"
        ),
    ),
    jobs=(process_events,),
    job_tables=(EVENTS,),
    waits=lambda instance: bool(_events_ready(instance)),
)
