"""Asking a connector about the instance, and asking it for what cannot be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sandtable_scenarios.actions.attempts import attempt, rule_of
from sandtable_scenarios.actions.connector.connecting import connection, execute, troubled
from sandtable_scenarios.actions.incidents import resolve
from sandtable_scenarios.checks import asking
from sandtable_scenarios.stage.pictures import model_of, observed
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.connectors import Answer
from sandtable_scenarios.targets.table_api import ONLOOKER

COLUMNS = ("label", "value", "dependent_value", "element")
TABLES = {".servicenow": "incident", ".servicenow-sir": "sn_si_incident", ".servicenow-itom": "em_event"}
NAMES = ("max_length", "element", "column_label", "mandatory")


def _asked(world: World, sub_action: str, parameters: Mapping[str, Any]) -> Answer:
    outcome = observed(world, lambda: execute(world, sub_action, parameters))
    world.check(asking.READS_ONLY, not outcome.change.touched, "nothing changed", str(outcome.change))
    return outcome.answer


def ask_choices(world: World, fields: Sequence[str]) -> None:
    """Ask for the choices of some fields, and compare with the choice records."""
    answer = _asked(world, "getChoices", {"fields": list(fields)})
    if troubled(world, answer):
        return
    said = str(answer.get("service_message") or answer.get("message"))[:160]
    world.check(asking.CHOICES, answer["status"] == "ok", "the answer ok", said)
    table = TABLES[connection(world)["connector_type_id"]]
    rows = world.instance.table.rows(
        "sys_choice", f"nameINtask,{table}^elementIN{','.join(fields)}^language=en", COLUMNS
    )
    expected = sorted(tuple(str(row[name]) for name in COLUMNS) for row in rows)
    found = sorted(tuple(str(row.get(name)) for name in COLUMNS) for row in answer.get("data") or [])
    lost, added = (sorted(Counter(one) - Counter(other)) for one, other in ((expected, found), (found, expected)))
    told = f"left out {lost[:3]}, added {added[:3]}"
    world.check(asking.CHOICES, found == expected, f"{len(expected)} choices with {', '.join(COLUMNS)}", told)


def ask_fields(world: World) -> None:
    """Ask for the fields of an incident."""
    answer = _asked(world, "getFields", {})
    if troubled(world, answer):
        return
    said = str(answer.get("service_message") or answer.get("message"))[:160]
    world.check(asking.FIELDS, answer["status"] == "ok", "the answer ok", said)
    query = "name=task^ORname=incident^internal_type=string^active=true^array=false^read_only=false"
    rows = world.instance.table.rows("sys_dictionary", query, NAMES)
    expected = sorted(tuple(str(row[name]) for name in NAMES) for row in rows)
    found = sorted(tuple(str(row.get(name)) for name in NAMES) for row in answer.get("data") or [])
    lost, added = (sorted(Counter(one) - Counter(other)) for one, other in ((expected, found), (found, expected)))
    told = f"left out {lost[:3]}, added {added[:3]}"
    world.check(asking.FIELDS, found == expected, f"{len(expected)} columns with {', '.join(NAMES)}", told)


def ask_incident(world: World, incident: str) -> None:
    """Ask for one incident by its sys_id."""
    sys_id = resolve(world, incident)
    world.require(sys_id in model_of(world).known)
    answer = _asked(world, "getIncident", {"externalId": sys_id})
    if troubled(world, answer):
        return
    said = str(answer.get("service_message") or answer.get("message"))[:160]
    world.check(asking.INCIDENT, answer["status"] == "ok", "the answer ok", said)
    data = answer.get("data") or {}
    world.check(asking.INCIDENT, data.get("sys_id") == sys_id, f"sys_id {sys_id}", f"{str(data)[:160]}")
    row = world.facts["picture"].incidents[sys_id]
    told = {name: _stored(data.get(name)) for name in row}
    odd = sorted(f"{name} {value!r}, not {row[name]!r}" for name, value in told.items() if value != row[name])
    world.check(asking.INCIDENT, not odd, "every column of the incident as it is", "; ".join(odd)[:200])


def _stored(value: Any) -> Any:
    """Return what a column holds: a reference may be told as the record that it leads to, with a link."""
    return value.get("value") if isinstance(value, Mapping) else value


def ask_for_nobody(world: World) -> None:
    """Ask for an incident by a sys_id that none has."""
    answer = _asked(world, "getIncident", {"externalId": "0" * 32})
    world.check(asking.INCIDENT, answer["status"] == "error", "an error", f"ok with {str(answer.get('data'))[:120]}")


def add_choice(
    world: World, element: str, language: str, twin: bool = False, value: str = "9", depends_on: str = ""
) -> None:
    """Give a field one more choice in another language, as an instance has that people of several countries use.

    A ``twin`` has the label of a choice that is there: two values, which people tell apart by their place. One that
    ``depends_on`` a value of another field is offered with that value alone, and may have the value of another choice.
    """
    label = f"{value} ({language})"
    values = {"name": "incident", "element": element, "value": value, "label": label, "language": language}
    values |= {"dependent_value": depends_on} if depends_on else {}
    world.require_control()
    if twin:
        query = f"nameINtask,incident^element={element}^language=en^ORDERBYvalue"
        rows = world.instance.table.rows("sys_choice", query, ("label",), 1)
        world.require(rows)
        values["label"] = rows[0]["label"]
    world.instance.table.insert("sys_choice", values)


def add_choices(world: World, element: str, count: int) -> None:
    """Give a field so many more choices that they fill a page."""
    world.require_control()
    for number in range(count):
        values = {"name": "incident", "element": element, "value": f"kind-{number}", "label": f"Kind {number}"}
        world.instance.table.insert("sys_choice", {**values, "language": "en"})


def add_columns(world: World, count: int) -> None:
    """Give the incident so many more columns, as a customer's instance has them."""
    world.require_control()
    for number in range(count):
        values = {"name": "incident", "element": f"u_more_{number}", "column_label": f"More {number}"}
        world.instance.table.insert("sys_dictionary", {**values, "internal_type": "string", "max_length": "40"})


def change_choice(world: World, element: str) -> None:
    """Give the first choice of a field another label."""
    world.require_control()
    table = world.instance.table
    query = f"nameINtask,incident^element={element}^language=en^ORDERBYvalue"
    rows = table.rows("sys_choice", query, ("sys_id",), 1)
    world.require(rows)
    table.update("sys_choice", rows[0]["sys_id"], {"label": "As people call it now"})


def _refused(world: World, about: str, request: Mapping[str, Any]) -> None:
    rule = rule_of(about)
    control = world.require_control()
    control.forget_requests()
    outcome = observed(world, lambda: world.execute(request))
    sent = [
        f"{exchange['method']} {exchange['path']}"
        for exchange in control.requests()
        if (exchange.get("request_headers") or {}).get("user-agent") != ONLOOKER
    ]
    world.check(rule, not outcome.ok, "an error", outcome.said)
    world.check(rule, not outcome.change.touched, "nothing changed", str(outcome.change))
    world.check(rule, not sent, "no request", f"{', '.join(sent[:3])}")


def run_misconfigured(world: World, config: Mapping[str, Any], secrets: Mapping[str, Any]) -> None:
    """Push with settings that cannot work; null takes a setting away."""
    made = connection(world)
    changed = {
        **made,
        "config": {name: value for name, value in {**made["config"], **config}.items() if value is not None},
        "secrets": {name: value for name, value in {**made["secrets"], **secrets}.items() if value is not None},
        "params": {
            "subAction": "pushToService",
            "subActionParams": {"incident": {"short_description": "CPU is high", "correlation_id": "r:a"}},
        },
    }
    _refused(world, asking.CONFIGURATION.id, changed)


def run_nonsense(world: World, sub_action: str, parameters: Any) -> None:
    """Run something with parameters that cannot work."""
    params = {"subAction": sub_action, "subActionParams": parameters}
    _refused(world, asking.PARAMETERS.id, {**connection(world), "params": params})


def push_to_address(world: World, form: str) -> None:
    """Push to the instance's address as it is written otherwise; `ADDRESSES` lists the forms."""
    made = connection(world)
    made["config"]["apiUrl"] = ADDRESSES[form](world.instance.base_url)
    about = asking.SLASH if form == "a slash at the end" else asking.ADDRESS
    attempt(world, about.id, "succeed")
    paths = {str(exchange["path"]) for exchange in world.require_control().requests()}
    odd = sorted(path for path in paths if "//" in path)
    world.check(about, not odd, "paths without a slash too many", ", ".join(odd)[:160])


def push_behind_a_path(world: World, slash: bool = False) -> None:
    """Push to an instance that stands under a path: a copy of this one, which itself must see nothing of it."""
    control = world.require_control()
    address = world.instance.base_url.partition(WORLDS)[0]
    name = f"{control.world()}-under-a-path"
    path = control.fork(name)
    world.facts["elsewhere"] = path
    try:
        connection(world)["config"]["apiUrl"] = f"{address}{path}{'/' if slash else ''}"
        incident = {"short_description": "CPU is high", "correlation_id": "r:a"}
        outcome = observed(world, lambda: execute(world, "pushToService", {"incident": incident}))
    finally:
        control.drop_world(name)
    world.check(asking.ADDRESS, outcome.ok, "the answer ok", outcome.said)
    untouched = not outcome.change.touched
    world.check(asking.ADDRESS, untouched, "nothing at the address without the path", str(outcome.change))


WORLDS = "/_worlds/"


def _in_capitals(address: str) -> str:
    """Return an address with scheme and host in capitals, which mean the same."""
    parts = urlsplit(address)
    return parts._replace(scheme=parts.scheme.upper(), netloc=parts.netloc.upper()).geturl()


ADDRESSES: Mapping[str, Callable[[str], str]] = {
    "a slash at the end": lambda address: f"{address}/",
    "in capitals": _in_capitals,
}
ACTIONS = {
    "ask_choices": ask_choices,
    "ask_fields": ask_fields,
    "ask_incident": ask_incident,
    "ask_for_nobody": ask_for_nobody,
    "add_choice": add_choice,
    "add_choices": add_choices,
    "add_columns": add_columns,
    "change_choice": change_choice,
    "run_misconfigured": run_misconfigured,
    "run_nonsense": run_nonsense,
    "push_to_address": push_to_address,
    "push_behind_a_path": push_behind_a_path,
}
