"""Security incidents with observables, and events."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sandtable_scenarios.actions.access import grant
from sandtable_scenarios.actions.connecting import connection, execute
from sandtable_scenarios.checks import others
from sandtable_scenarios.world import World

TYPES = {"dest_ip": "ipv4-addr", "source_ip": "ipv4-addr", "malware_hash": "SHA256", "malware_url": "URL"}
SIR, EVENTS, LINKS = "sn_si_incident", "em_event", "sn_ti_m2m_task_observable"
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
) -> None:
    """Push a security incident with observables, and look at incident, work notes and observables."""
    table = world.instance.table
    before = {row["sys_id"]: row for row in table.rows(SIR, "")}
    known = [row for row in before.values() if row["correlation_id"] == correlation_id]
    incident = {**fields, "correlation_id": correlation_id, **observables}
    sent = [{"commentId": str(place), "comment": text} for place, text in enumerate(comments)]
    answer = execute(world, "pushToService", {"incident": incident, "comments": sent or None})
    world.check(others.SIR_PUSH, answer["status"] == "ok", "the answer ok", _told(answer))
    after = {row["sys_id"]: row for row in table.rows(SIR, "")}
    written = str((answer.get("data") or {}).get("id"))
    fresh = sorted(after.keys() - before.keys())
    expected = [known[0]["sys_id"]] if known else fresh
    world.check(others.SIR_PUSH, len(fresh) == (0 if known else 1), "one incident in all", f"{len(fresh)} new ones")
    world.check(others.SIR_PUSH, written in expected, f"id {expected}", f"id {written}")
    row = after[written]
    for name, value in fields.items():
        world.check(others.SIR_FIELDS, row[name] == value, f"{name} {value!r}", f"{name} {row[name]!r}")
    journal = table.rows(
        "sys_journal_field", f"name={SIR}^element=work_notes^element_id={written}^ORDERBYsys_created_on", ("value",)
    )
    noted = [line["value"] for line in journal][-len(comments) :] if comments else []
    world.check(others.SIR_FIELDS, noted == list(comments), f"work notes {list(comments)}", f"work notes {noted}")
    _judge_observables(world, written, observables)


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
    world.check(others.EVENT, answer["status"] == "ok", "the answer ok", _told(answer))
    fresh = [row for row in table.rows(EVENTS, "") if row["sys_id"] not in before]
    world.check(others.EVENT, len(fresh) == 1, "one new event", f"{len(fresh)}")
    for name, value in fields.items():
        if name == "message_key" and not value:
            continue  # the instance makes one from the other fields
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


ACTIONS = {"use_secops": use_secops, "use_itom": use_itom, "push_security": push_security, "send_event": send_event}
