"""Security incidents with observables, and events."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sandtable_scenarios.actions.access import grant
from sandtable_scenarios.actions.connector.connecting import connection, execute, troubled
from sandtable_scenarios.checks import notes, others
from sandtable_scenarios.checks.correlation import NO_TWIN
from sandtable_scenarios.checks.instance.importing import EVENT_KEY
from sandtable_scenarios.checks.pushes import judge_told
from sandtable_scenarios.checks.whole import FOR_THE_DESK, ITS_OWN
from sandtable_scenarios.stage.pictures import HISTORIES
from sandtable_scenarios.stage.world import World

TYPES = {"dest_ip": "ipv4-addr", "source_ip": "ipv4-addr", "malware_hash": "SHA256", "malware_url": "URL"}
SIR, EVENTS, LINKS = "sn_si_incident", "em_event", "sn_ti_m2m_task_observable"
EVENT_COLUMNS = (
    *("source", "event_class", "resource", "node", "metric_name", "type", "severity", "description"),
    *("additional_info", "message_key", "time_of_event"),
)
COLLECTOR = "/em/jsonv2"


def use_secops(world: World) -> None:
    """Go on as the SecOps connector; the integration user gets the roles that its guide asks for."""
    grant(world, "sn_si.basic", "x_elas2_sir_int.integration_user")
    made = connection(world)
    made["connector_type_id"] = ".servicenow-sir"
    made["connector_id"] = "rehearsal-secops"


def use_itom(world: World) -> None:
    """Go on as the ITOM connector; the integration user gets the role that its guide asks for."""
    grant(world, "evt_mgmt_integration")
    made = connection(world)
    made["connector_type_id"] = ".servicenow-itom"
    made["connector_id"] = "rehearsal-itom"
    made["config"].pop("usesTableApi", None)


def _told(answer: Mapping[str, Any]) -> str:
    return str(answer.get("service_message") or answer.get("message") or answer.get("data"))[:200]


def push_security(
    world: World,
    correlation_id: str,
    fields: Mapping[str, str],
    observables: Mapping[str, Any],
    comments: Sequence[str] = (),
    again: bool = False,
) -> None:
    """Push a security incident with observables, and look at incident, work notes and observables.

    ``again`` names the incident of the story's last push by its sys_id.
    """
    table = world.instance.table
    before = {row["sys_id"]: row for row in table.rows(SIR, "")}
    known = [row for row in before.values() if row["correlation_id"] == correlation_id]
    incident = {**fields, "correlation_id": correlation_id, **observables}
    last = str(world.facts.get("security") or "")
    if again:
        world.require(last)
        incident["externalId"] = last
        known = [before[last]]
    sent = [{"commentId": str(place), "comment": text} for place, text in enumerate(comments)]
    answer = execute(world, "pushToService", {"incident": incident, "comments": sent or None})
    failed = troubled(world, answer)
    after = {row["sys_id"]: row for row in table.rows(SIR, "")}
    fresh = sorted(after.keys() - before.keys())
    if failed:
        world.check(NO_TWIN, len(fresh) <= (0 if known else 1), "no second incident", f"{len(fresh)} new ones")
        return
    world.check(others.SIR_PUSH, answer["status"] == "ok", "the answer ok", _told(answer))
    written = str((answer.get("data") or {}).get("id"))
    world.facts["security"] = written
    expected = [known[0]["sys_id"]] if known else fresh
    world.check(others.SIR_PUSH, len(fresh) == (0 if known else 1), "one incident in all", f"{len(fresh)} new ones")
    world.check(others.SIR_PUSH, written in expected, f"id {expected}", f"id {written}")
    row = after[written]
    judge_told(world, answer["data"], row, SIR, created=not again, commented=bool(comments))
    notes.judge_reported(world, answer["data"], [str(place) for place in range(len(comments))])
    for name, value in fields.items():
        world.check(others.SIR_FIELDS, row[name] == value, f"{name} {value!r}", f"{name} {row[name]!r}", soft=True)
    _judge_rest(world, before.get(written) or world.learned.get(f"blank {SIR}", {}), row, fields)
    journal = table.rows(
        "sys_journal_field", f"name={SIR}^element_id={written}^ORDERBYsys_created_on", ("element", "value")
    )
    lines = [line["value"] for line in journal if line["element"] == "work_notes"]
    wanted = [text for text in comments if text]
    noted = lines[-len(wanted) :] if wanted else []
    world.check(others.SIR_FIELDS, noted == wanted, f"work notes {wanted}", f"work notes {noted}", soft=True)
    read = [line["value"] for line in journal if line["element"] != "work_notes"]
    world.check(FOR_THE_DESK, not read, "no comment for customers", f"comments {read!s:.160}", soft=True)
    _judge_observables(world, written, observables)


def push_security_deprecated(world: World, fields: Mapping[str, str], observables: Mapping[str, Any]) -> None:
    """Push a security incident without the application: what reaches the instance is compared when the story ends."""
    parameters = {"incident": {**fields, **observables}, "comments": None}
    answer = execute(world, "pushToService", parameters)
    world.check(others.SIR_PUSH, answer["status"] == "ok", "the answer ok", _told(answer))
    row = world.instance.table.row(SIR, str((answer.get("data") or {}).get("id")))
    found = {name: row[name] for name in fields} if row else None
    world.check(others.SIR_FIELDS, found == dict(fields), str(fields), str(found))
    judge_told(world, answer["data"], row or {"sys_id": "", "number": ""}, SIR, created=True, commented=False)


# What follows from other columns of a security incident, or is each one's own.
FREE = ITS_OWN | {"correlation_id", "risk_score", "severity", "business_criticality", "requester"}


def _judge_rest(world: World, before: Mapping[str, str], row: Mapping[str, str], fields: Mapping[str, str]) -> None:
    odd = {name: value for name, value in row.items() if before and value != before.get(name, "")}
    told = "; ".join(
        f"{name} {before.get(name, '')!r} became {value!r}"
        for name, value in sorted(odd.items())
        if name not in FREE and name not in fields and name not in HISTORIES
    )
    world.check(others.SIR_FIELDS, not told, "no column but those that were given", told, soft=True)


def _judge_observables(world: World, written: str, observables: Mapping[str, Any]) -> None:
    wanted = world.facts.setdefault("observables", {}).setdefault(written, set())
    for name, given in observables.items():
        values = re.split(r"[ ,|\r\n\t]+", given) if isinstance(given, str) else given or []
        wanted |= {(TYPES[name], value) for value in values if value}
    links = world.instance.table.rows(LINKS, f"task={written}", ("observable.value", "observable.type.name"))
    found = sorted((link["observable.type.name"], link["observable.value"]) for link in links)
    world.check(others.OBSERVABLES, found == sorted(wanted), str(sorted(wanted)), str(found))


def send_event(world: World, fields: Mapping[str, str | None], stored: Mapping[str, str]) -> None:
    """Send one event, and compare the record; ``stored`` are columns whose value is not the one that was sent."""
    table = world.instance.table
    before = {row["sys_id"] for row in table.rows(EVENTS, "", ("sys_id",))}
    control = world.require_control()
    seen = len(control.requests())
    answer = execute(world, "addEvent", fields)
    sent = control.requests()[seen:]
    failed = troubled(world, answer)
    fresh = [row for row in table.rows(EVENTS, "") if row["sys_id"] not in before]
    if failed:
        world.check(NO_TWIN, len(fresh) <= 1, "no event twice", f"{len(fresh)} events")
        return
    world.check(others.EVENT, answer["status"] == "ok", "the answer ok", _told(answer))
    # An instance that takes a request twice has two events, which is no choice of a connector's.
    most = 2 if world.facts.get("fault") == "delivered twice" else 1
    world.check(others.EVENT, 1 <= len(fresh) <= most, "one new event", f"{len(fresh)}")
    told = {name: fresh[0].get(name) for name in EVENT_COLUMNS if not fields.get(name) and fresh[0].get(name)}
    told.pop("message_key", None)
    world.check(others.EVENT, not told, "nothing in a field that was not given", str(told), soft=True)
    for name, value in fields.items():
        if name == "message_key" and not value:
            parts = [fresh[0][part] for part in ("source", "node", "type", "resource", "metric_name")]
            key, found = "".join(parts), fresh[0][name]
            world.check(EVENT_KEY, found == key, f"message_key {key!r}", f"message_key {found!r}", soft=True)
            continue
        rule = others.EVENT_TIME if name == "time_of_event" else others.EVENT
        expected = stored.get(name, value or "")
        found = fresh[0][name]
        world.check(rule, found == expected, f"{name} {expected!r}", f"{name} {found!r}")
    for exchange in sent:
        if exchange["method"] == "POST" and exchange["path"].endswith(COLLECTOR):
            _judge_record(world, json.loads(exchange["request_body"])["records"][0], fields)


def _judge_record(world: World, record: Mapping[str, Any], fields: Mapping[str, str | None]) -> None:
    nulls = sorted(name for name, value in fields.items() if value is None and name in record)
    lost = sorted(name for name, value in fields.items() if value == "" and record.get(name) != "")
    world.check(others.EVENT_EMPTY, not nulls, "no field that was null", f"{', '.join(nulls)} in the record")
    world.check(others.EVENT_EMPTY, not lost, "each empty text in the record", f"{', '.join(lost)} not in it")


ACTIONS = {
    "use_secops": use_secops,
    "use_itom": use_itom,
    "push_security": push_security,
    "push_security_deprecated": push_security_deprecated,
    "send_event": send_event,
}
