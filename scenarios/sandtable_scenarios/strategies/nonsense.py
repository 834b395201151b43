"""Parameters that cannot work: every member of every action of another type, missing, or beside one too many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle
from typing import Any

Call = tuple[str, Any]
"""A sub-action, and parameters that it must refuse."""

OTHER_TYPES: tuple[Any, ...] = (42, ["text"], True, {"a": "b"}, 0.5)
SURPRISE = {"surprise": "x"}
FIELDS = (
    *("short_description", "description", "category", "subcategory", "correlation_id", "correlation_display"),
    *("externalId", "severity", "urgency", "impact"),
)
INCIDENT = dict.fromkeys(FIELDS, "text")
PUSHED = {"short_description": "CPU is high", "correlation_id": "r:a"}
SECURITY = dict.fromkeys(("short_description", "description", "correlation_id", "priority"), "text")
OBSERVABLES = ("dest_ip", "source_ip", "malware_hash", "malware_url")
COMMENT = {"commentId": "1", "comment": "text"}
CLOSED = {"correlation_id": "r:a", "externalId": None}
EVENT = (
    *("source", "event_class", "resource", "node", "metric_name", "type", "severity", "description"),
    *("additional_info", "message_key", "time_of_event"),
)


def _ill_typed(good: Mapping[str, Any], each: int = 2) -> Iterator[dict[str, Any]]:
    """Yield an object with one member of another type, each member in so many of the types in turn."""
    types = cycle(OTHER_TYPES)
    for name in good:
        for _ in range(each):
            yield {**good, name: next(types)}


def _without(good: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in good.items() if key != name}


def _pushes(incidents: Iterable[Any]) -> Iterator[Call]:
    yield from (("pushToService", {"incident": incident}) for incident in incidents)


def of_incidents() -> tuple[Call, ...]:
    """Return what the ITSM connector must refuse."""
    spoiled_comments: tuple[Any, ...] = (
        *("text", "", 0, COMMENT, ["text"], [None], [[COMMENT]]),
        *([_without(COMMENT, name)] for name in COMMENT),
        *([{**COMMENT, name: value}] for name in COMMENT for value in (5, None)),
        [{**COMMENT, **SURPRISE}],
        [COMMENT, {**COMMENT, "comment": ["text"]}],
    )
    return (
        *_pushes(_ill_typed(INCIDENT)),
        *_pushes({**PUSHED, "additional_fields": value} for value in (5, True, ["a"])),
        *_pushes((_without(PUSHED, "short_description"), {**PUSHED, "short_description": None})),
        *_pushes(({**PUSHED, **SURPRISE}, [PUSHED], "text", None)),
        *(("pushToService", {"incident": PUSHED, "comments": comments}) for comments in spoiled_comments),
        ("pushToService", {"incident": PUSHED, **SURPRISE}),
        ("pushToService", {}),
        ("pushToServices", {"incident": PUSHED}),
        *(("closeIncident", {"incident": incident}) for incident in _ill_typed(dict.fromkeys(CLOSED, "r:a"))),
        *(("closeIncident", {"incident": incident}) for incident in (dict.fromkeys(CLOSED), {}, None, "r:a")),
        ("closeIncident", {"incident": {**CLOSED, "state": "6"}}),
        ("closeIncident", {"incident": CLOSED, **SURPRISE}),
        ("closeIncident", CLOSED),
        *(("getChoices", {"fields": fields}) for fields in ("urgency", [5], [None], {"a": "urgency"}, None)),
        ("getChoices", {"fields": ["urgency"], **SURPRISE}),
        ("getChoices", {}),
        *(("getIncident", {"externalId": value}) for value in (5, None, ["0" * 32])),
        ("getIncident", {"externalId": "0" * 32, **SURPRISE}),
        ("getIncident", {}),
    )


def of_security() -> tuple[Call, ...]:
    """Return what the SecOps connector must refuse."""
    return (
        *_pushes(_ill_typed(SECURITY, each=1)),
        *_pushes({**SECURITY, name: value} for name in OBSERVABLES for value in (5, [5], {"a": "b"})),
        *_pushes(({**SECURITY, **SURPRISE}, {**SECURITY, "impact": "1"})),
        ("closeIncident", {"incident": CLOSED}),
    )


def of_events() -> tuple[Call, ...]:
    """Return what the ITOM connector must refuse."""
    return (
        *(("addEvent", event) for event in _ill_typed(dict.fromkeys(EVENT, "1"))),
        ("addEvent", {"source": "Elastic", **SURPRISE}),
        ("pushToService", {"incident": PUSHED}),
    )
