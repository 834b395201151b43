"""Kibana's alert documents: what the rules read.

One document is the state of one alert at one check of its rule, in the shape of Kibana's alerts index: dotted keys
(`kibana.alert.status`), nested objects, or both mixed. A line may also be a whole search hit with `_source`.
Source: Kibana docs, "Alert schema"; observed documents of `.alerts-*` indices.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandtable_connector.values.invalid_input import InvalidInput
from sandtable_connector.values.schedule import moment

STATUSES = ("active", "recovered", "untracked")


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as one check of its rule saw it.

    `alert_id` is `kibana.alert.instance.id` and stays the same whenever the same thing happens again; `uuid` is
    `kibana.alert.uuid` and is new each time the alert starts. `flapping` is None when the document does not say.
    `position` is the line in the stream, from 1.
    """

    rule_id: str
    alert_id: str
    uuid: str
    status: str
    timestamp: datetime
    start: datetime
    end: datetime | None = None
    reason: str = ""
    rule_name: str = ""
    rule_type_id: str = ""
    rule_tags: tuple[str, ...] = ()
    rule_parameters: Mapping[str, Any] = field(default_factory=dict)
    action_group: str = ""
    execution: str = ""
    flapping: bool | None = None
    maintenance_window_ids: tuple[str, ...] = ()
    space_id: str = "default"
    context: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)
    position: int = 0

    @property
    def run(self) -> str:
        """What the documents of one check of a rule have in common."""
        return self.execution or self.timestamp.isoformat()


def expand(document: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the document with dotted keys made into nested objects; raises InvalidInput where two collide."""
    result: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, Mapping):
            value = expand(value, f"{prefix}{key}.")
        *path, last = str(key).split(".")
        place = result
        for step in path:
            below = place.setdefault(step, {})
            if not isinstance(below, dict):
                raise InvalidInput(f"{step!r} is both a value and an object", field=f"{prefix}{key}")
            place = below
        present = place.get(last)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(present, value, f"{prefix}{key}")
        elif last in place:
            raise InvalidInput("the field is given twice", field=f"{prefix}{key}")
        else:
            place[last] = value
    return result


def _merge(into: dict[str, Any], more: Mapping[str, Any], name: str) -> None:
    for key, value in more.items():
        if isinstance(into.get(key), dict) and isinstance(value, dict):
            _merge(into[key], value, f"{name}.{key}")
        elif key in into:
            raise InvalidInput("the field is given twice", field=f"{name}.{key}")
        else:
            into[key] = value


def pick(document: Mapping[str, Any], dotted: str) -> Any:
    """Return the value at a dotted name of a nested document, or None."""
    place: Any = document
    for step in dotted.split("."):
        if not isinstance(place, Mapping) or step not in place:
            return None
        place = place[step]
    return place


def _text(document: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    value = pick(document, name)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]  # a search with `fields` wraps every value in a list
    if value is None or value == "":
        if required:
            raise InvalidInput("the field is missing", field=name, fix="Every Kibana alert document carries it.")
        return ""
    if not isinstance(value, str):
        raise InvalidInput(f"{value!r} is not text", field=name)
    return value


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = pick(document, name)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInput(f"{value!r} is not a list of texts", field=name)
    return tuple(value)


def _object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = pick(document, name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{value!r} is not an object", field=name)
    return value


def _moment(document: Mapping[str, Any], name: str) -> datetime | None:
    value = pick(document, name)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return None if value is None else moment(value, name)


def _context(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `context` of the action variables.

    Rule types that keep their context store it as `kibana.alert.context`; for the others the well-known parts are
    found again under the names they are stored by. What the document states outright wins.
    """
    context: dict[str, Any] = {}
    for name, stored in (
        ("reason", "kibana.alert.reason"),
        ("message", "kibana.alert.reason"),
        ("title", "kibana.alert.title"),
        ("value", "kibana.alert.evaluation.value"),
        ("conditions", "kibana.alert.evaluation.conditions"),
        ("threshold", "kibana.alert.evaluation.threshold"),
        ("alertDetailsUrl", "kibana.alert.url"),
        ("timestamp", "@timestamp"),
    ):
        value = pick(document, stored)
        if value is not None:
            context[name] = value
    return {**context, **_object(document, "kibana.alert.context"), **_object(document, "context")}


def parse_alert(document: Any, *, position: int = 0) -> Alert:
    """Return the alert that a document describes; raises InvalidInput naming the field that cannot be used."""
    if not isinstance(document, Mapping):
        raise InvalidInput("an alert document is a JSON object", fix="Put one object on each line.")
    if "_source" in document and isinstance(document["_source"], Mapping):
        document = document["_source"]
    nested = expand(document)
    status = _text(nested, "kibana.alert.status", required=True)
    if status not in STATUSES:
        raise InvalidInput(f"{status!r} is not one of {', '.join(STATUSES)}", field="kibana.alert.status")
    timestamp = _moment(nested, "@timestamp")
    if timestamp is None:
        raise InvalidInput("the field is missing", field="@timestamp", fix="It says when the rule was checked.")
    start = _moment(nested, "kibana.alert.start") or timestamp
    end = _moment(nested, "kibana.alert.end")
    if end is not None and end < start:
        raise InvalidInput("the alert ends before it starts", field="kibana.alert.end")
    flapping = pick(nested, "kibana.alert.flapping")
    if flapping not in (None, True, False, "true", "false"):
        raise InvalidInput(f"{flapping!r} is neither true nor false", field="kibana.alert.flapping")
    spaces = _texts(nested, "kibana.space_ids")
    return Alert(
        rule_id=_text(nested, "kibana.alert.rule.uuid", required=True),
        alert_id=_text(nested, "kibana.alert.instance.id", required=True),
        uuid=_text(nested, "kibana.alert.uuid", required=True),
        status=status,
        timestamp=timestamp,
        start=start,
        end=end,
        reason=_text(nested, "kibana.alert.reason"),
        rule_name=_text(nested, "kibana.alert.rule.name"),
        rule_type_id=_text(nested, "kibana.alert.rule.rule_type_id"),
        rule_tags=_texts(nested, "kibana.alert.rule.tags"),
        rule_parameters=_object(nested, "kibana.alert.rule.parameters"),
        action_group=_text(nested, "kibana.alert.action_group"),
        execution=_text(nested, "kibana.alert.rule.execution.uuid"),
        flapping=None if flapping is None else flapping in (True, "true"),
        maintenance_window_ids=_texts(nested, "kibana.alert.maintenance_window_ids"),
        space_id=spaces[0] if spaces else "default",
        context=_context(nested),
        state=_object(nested, "state"),
        document=nested,
        position=position,
    )


def parse_line(line: str, *, source: str, position: int) -> Alert | None:
    """Return the alert on one line of a JSON Lines stream, None for a blank line; raises InvalidInput with the line."""
    where = f"{source} line {position}"
    if not line.strip():
        return None
    try:
        return parse_alert(json.loads(line), position=position)
    except InvalidInput as error:
        raise error.at(where) from None
    except ValueError as error:
        raise InvalidInput(
            f"not JSON: {error}", where=where, fix="The stream is JSON Lines: one whole document on each line."
        ) from None
    except RecursionError:
        raise InvalidInput("nested too deeply", where=where, fix="Is this one document of one alert?") from None


def read_alerts(lines: Iterable[str], *, source: str = "alerts") -> Iterator[Alert]:
    """Yield the alerts of a JSON Lines stream in order; raises InvalidInput at the first line that cannot be used."""
    for position, line in enumerate(lines, 1):
        alert = parse_line(line, source=source, position=position)
        if alert is not None:
            yield alert
