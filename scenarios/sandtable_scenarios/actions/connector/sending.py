"""What a connector was given in a story, and whether that, and nothing else, is what it sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sandtable_scenarios.checks.whole import ELSEWHERE, SENT
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.table_api import ONLOOKER
from sandtable_scenarios.targets.wire import PLAIN_CLIENT

WRITING = "POST,PUT,PATCH,DELETE"
IMPORTS, TABLES = ("elastic_incident", "elastic_si_incident"), ("/table/incident", "/table/sn_si_incident")
PLACES = ("/observables", "/observables/bulk", "/em/jsonv2", "/oauth_token.do")
PEOPLE = frozenset({"caller_id", "opened_by"})
CLOSING = frozenset({"state", "close_code", "close_notes"})
NAMED = "elastic_incident_id"
# What goes by another name than the field of the action.
OBSERVABLES = frozenset({"dest_ip", "source_ip", "malware_hash", "malware_url"})


def note_given(world: World, request: Mapping[str, Any]) -> None:
    """Remember what a request gives, to compare what is sent with at the end of the story."""
    params = request.get("params") or {}
    given = params.get("subActionParams")
    if isinstance(given, Mapping):
        world.facts.setdefault("given", []).append((str(params.get("subAction")), given, request))


def judge_sent(world: World) -> None:
    """Check every row and record that the connector sent in this story, and where it wrote."""
    given = world.facts.get("given")
    control = world.instance.control
    if not given or control is None:
        return
    user = world.instance.integration.user
    for exchange in control.requests(user=user, method=WRITING):
        headers = exchange.get("request_headers") or {}
        if str(headers.get("user-agent", "")) in (ONLOOKER, PLAIN_CLIENT):
            continue
        path = str(exchange["path"])
        known = path.endswith((*PLACES, *IMPORTS)) or any(table in path for table in TABLES)
        world.check(ELSEWHERE, known, "the resources of the action", f"{exchange['method']} {path}", soft=True)
        odd = sorted(_unexpected(exchange, path, list(given), user))
        world.check(SENT, not odd, "the fields that were given", f"{', '.join(odd)} sent as well", soft=True)


def _unexpected(exchange: Mapping[str, Any], path: str, given: Iterable[Any], user: str) -> Iterator[str]:
    try:
        body = json.loads(exchange.get("request_body") or "null")
    except ValueError:
        return
    if path.endswith("/em/jsonv2"):
        for record in body.get("records") or [] if isinstance(body, Mapping) else []:
            yield from _unknown_event(record, given)
        return
    if not isinstance(body, Mapping) or not (path.endswith(IMPORTS) or any(table in path for table in TABLES)):
        return
    prefix = "u_" if path.endswith(IMPORTS) else ""
    # An update by the Table API names its record in the path.
    updates = bool(body.get(NAMED)) or not (prefix or path.endswith(TABLES))
    for name, value in body.items():
        # Null says as little as nothing; an empty text empties where a map copies empty fields.
        if value is None or name == NAMED:
            continue
        field = name.removeprefix(prefix)
        if prefix and not name.startswith(prefix):
            field = name
        if not any(_gives(each, name, field, value, user, updates=updates) for each in given):
            yield f"{name} {value!r:.60}"


def _gives(one: Any, name: str, field: str, value: Any, user: str, *, updates: bool) -> bool:
    action, given, request = one
    if action == "closeIncident":
        return field in CLOSING or (field == "correlation_id" and value == _member(given, "correlation_id"))
    if action != "pushToService":
        return False
    incident = given.get("incident")
    if not isinstance(incident, Mapping):
        return False
    extra = incident.get("additional_fields")
    extra = json.loads(extra) if isinstance(extra, str) and extra[:1] == "{" else extra
    if isinstance(extra, Mapping) and name in extra and extra[name] == value:
        return True
    if field in PEOPLE:
        # Whoever signs in with a key has no user name to send.
        return not updates and not request["config"].get("isOAuth")
    if field == "work_notes":
        return any(entry.get("comment") == value for entry in given.get("comments") or [] if isinstance(entry, Mapping))
    if field in OBSERVABLES:
        return incident.get(field) is not None
    return bool(incident.get(field) == value)


def _member(given: Mapping[str, Any], name: str) -> Any:
    incident = given.get("incident")
    return incident.get(name) if isinstance(incident, Mapping) else None


def _unknown_event(record: Mapping[str, Any], given: Iterable[Any]) -> Iterator[str]:
    for name, value in record.items():
        if name == "time_of_event" and any(each.get(name) is not None for _, each, _ in given):
            continue
        if value is not None and not any(action == "addEvent" and each.get(name) == value for action, each, _ in given):
            yield f"{name} {value!r:.60}"
