"""What a connector was given in a story, and whether that, and nothing else, is what it sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sandtable_scenarios.checks.closing import REASON
from sandtable_scenarios.checks.whole import ELSEWHERE, GIVEN, ONE_WRITE, SENT
from sandtable_scenarios.models.incidents import CLOSED
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.strategies.texts import is_unseen
from sandtable_scenarios.targets.table_api import ONLOOKER
from sandtable_scenarios.targets.wire import PLAIN_CLIENT

WRITING = "POST,PUT,PATCH,DELETE"
IMPORTS, TABLES = ("elastic_incident", "elastic_si_incident"), ("/table/incident", "/table/sn_si_incident")
PLACES = ("/observables", "/observables/bulk", "/em/jsonv2", "/oauth_token.do")
PEOPLE = frozenset({"caller_id", "opened_by"})
CLOSING = frozenset({"state", "close_code", "close_notes"})
NAMED = "elastic_incident_id"
# What goes by another name than the field of the action.
COPIED = (
    *("short_description", "description", "category", "subcategory", "correlation_id", "correlation_display"),
    *("severity", "urgency", "impact", "priority", "caller_id", "opened_by"),
)
OBSERVABLES = frozenset({"dest_ip", "source_ip", "malware_hash", "malware_url"})


def note_given(world: World, request: Mapping[str, Any]) -> None:
    """Remember what a request gives, to compare what is sent with at the end of the story."""
    params = request.get("params") or {}
    given = params.get("subActionParams")
    if isinstance(given, Mapping):
        world.facts.setdefault("given", []).append((str(params.get("subAction")), given, request))


def note_done(world: World, request: Mapping[str, Any]) -> None:
    """Remember a request that was answered ok, and in which journal what it sent stands."""
    control = world.instance.control
    # What a connector sent on to another host, or to another instance, is in no journal of this one.
    if control is not None and not world.facts.keys() & {"abroad", "elsewhere", "another user"}:
        params = request.get("params") or {}
        given = params.get("subActionParams")
        if isinstance(given, Mapping) and (request.get("config") or {}).get("usesTableApi"):
            incident = given.get("incident") or {}
            given = {**given, "incident": {**incident, **_columns(incident)}}
        done = (str(params.get("subAction")), given, control.journals)
        world.facts.setdefault("done", []).append(done)


def _columns(incident: Mapping[str, Any]) -> dict[str, Any]:
    """Return the observables of an incident by names that stand for the columns of a deprecated connector."""
    return {f"column {name}": _joined(incident[name]) for name in OBSERVABLES if incident.get(name) is not None}


def judge_sent(world: World) -> None:
    """Check every row and record that the connector sent in this story, and where it wrote."""
    given = world.facts.get("given")
    control = world.instance.control
    if not given or control is None:
        return
    user = world.instance.integration.user
    bodies: list[tuple[str, Any]] = []
    records = 0
    for exchange in control.requests(user=user, method=WRITING):
        headers = exchange.get("request_headers") or {}
        if str(headers.get("user-agent", "")) in (ONLOOKER, PLAIN_CLIENT):
            continue
        path = str(exchange["path"])
        known = path.endswith((*PLACES, *IMPORTS)) or any(table in path for table in TABLES)
        world.check(ELSEWHERE, known, "the resources of the action", f"{exchange['method']} {path}", soft=True)
        odd = sorted(_unexpected(exchange, path, list(given), user))
        world.check(SENT, not odd, "the fields that were given", f"{', '.join(odd)} sent as well", soft=True)
        body = _body(exchange)
        bodies.append((path, body))
        records += path.endswith(IMPORTS) or any(table in path for table in TABLES)
        _judge_reason(world, body)
    most = sum(map(_writes, given))
    world.check(ONE_WRITE, records <= most, f"at most {most} records written", f"{records} of them", soft=True)
    _judge_complete(world, control.journals, bodies)


def _writes(one: tuple[str, Any, Any]) -> int:
    """Return how many records an action may write: its own, and one for each comment."""
    action, given, _ = one
    if action not in ("pushToService", "closeIncident"):
        return 0
    comments = given.get("comments") if action == "pushToService" else None
    return 1 + (len(comments) if isinstance(comments, list) else 0)


def _judge_reason(world: World, body: Any) -> None:
    """Check that what closes an incident says why."""
    if isinstance(body, Mapping) and CLOSED in (body.get("u_state"), body.get("state")):
        prefix = "u_" if "u_state" in body else ""
        missing = [name for name in ("close_code", "close_notes") if not body.get(prefix + name)]
        told = f"{', '.join(missing)} not sent"
        world.check(REASON, not missing, "a close code and close notes", told, soft=True)


def _judge_complete(world: World, journal: int, bodies: Iterable[tuple[str, Any]]) -> None:
    """Check that all of what was given is in some body, and each comment in one of its own."""
    sent: set[tuple[str, str]] = set()
    notes: Counter[str] = Counter()
    for path, body in bodies:
        for record in _records(path, body):
            for name, value in record.items():
                plain = name.removeprefix("u_") if path.endswith(IMPORTS) else name
                sent |= {(name, _comparable(value)), (plain, _comparable(value))}
                if plain == "work_notes" and isinstance(value, str):
                    notes[value] += 1
    lost: list[str] = []
    comments: Counter[str] = Counter()
    for action, given, where in world.facts.get("done", ()):
        if where == journal and isinstance(given, Mapping):
            told = [pair for pair in _told(action, given) if (pair[0], _comparable(pair[1])) not in sent]
            lost += [f"{name} {value!r:.60}" for name, value in told]
            if action == "pushToService":
                comments.update(entry["comment"] for entry in given.get("comments") or [])
    lost += [f"comment {text!r:.60}" for text in comments - notes]
    world.check(GIVEN, not lost, "all of what was given", f"{', '.join(sorted(set(lost)))} not sent", soft=True)


def _records(path: str, body: Any) -> list[Mapping[str, Any]]:
    found = body.get("records") if path.endswith("/em/jsonv2") and isinstance(body, Mapping) else [body]
    return [each for each in found or [] if isinstance(each, Mapping)]


def _told(action: str, given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields, by the names in a body, that an action gives and that are sent as they are."""
    if action == "addEvent":
        yield from ((name, value) for name, value in given.items() if value is not None and name != "time_of_event")
    incident = given.get("incident")
    if action != "pushToService" or not isinstance(incident, Mapping):
        return
    for name, value in incident.items():
        blank = name == "correlation_id" and (not str(value or "").strip() or is_unseen(value))
        if value is not None and not blank and name not in OBSERVABLES | {"externalId", "additional_fields"}:
            yield name.removeprefix("column "), value
    own = {f"u_{name}" for name in (*incident, *COPIED)}
    for name, value in (_additional(incident) or {}).items():
        if name not in own:
            yield name, value


def _comparable(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _unexpected(exchange: Mapping[str, Any], path: str, given: Iterable[Any], user: str) -> Iterator[str]:
    body = _body(exchange)
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


def _body(exchange: Mapping[str, Any]) -> Any:
    try:
        return json.loads(exchange.get("request_body") or "null")
    except ValueError:
        return None


def _additional(incident: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the additional fields of a push, given as an object or as its JSON text."""
    extra = incident.get("additional_fields")
    extra = json.loads(extra) if isinstance(extra, str) and extra[:1] == "{" else extra
    return extra if isinstance(extra, Mapping) else None


def _gives(one: Any, name: str, field: str, value: Any, user: str, *, updates: bool) -> bool:
    action, given, request = one
    if action == "closeIncident":
        return (field in CLOSING and (field != "state" or value == CLOSED)) or (
            field == "correlation_id" and value == _member(given, "correlation_id")
        )
    if action != "pushToService":
        return False
    incident = given.get("incident")
    if not isinstance(incident, Mapping):
        return False
    extra = _additional(incident)
    if extra is not None and name in extra and extra[name] == value:
        return True
    if field in PEOPLE:
        # Whoever signs in with a key has no user name to send.
        return not updates and not request["config"].get("isOAuth")
    if field == "work_notes":
        return any(entry.get("comment") == value for entry in given.get("comments") or [] if isinstance(entry, Mapping))
    if field in OBSERVABLES:
        return bool(value == _joined(incident.get(field)))
    return bool(incident.get(field) == value)


def _joined(observables: Any) -> Any:
    """Return observables as a deprecated connector sends them, which has a column for each kind and no resource."""
    return ",".join(observables) if isinstance(observables, list) else observables


def _member(given: Mapping[str, Any], name: str) -> Any:
    incident = given.get("incident")
    return incident.get(name) if isinstance(incident, Mapping) else None


def _unknown_event(record: Mapping[str, Any], given: Iterable[Any]) -> Iterator[str]:
    for name, value in record.items():
        if name == "time_of_event" and any(each.get(name) is not None for _, each, _ in given):
            continue
        if value is not None and not any(action == "addEvent" and each.get(name) == value for action, each, _ in given):
            yield f"{name} {value!r:.60}"
