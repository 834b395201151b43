"""Dated, redacted answers of an instance, and how they differ from those of another.

A recording asks the same small questions of any instance: reads, refusals, and one incident that is created, changed,
closed and deleted again. What differs from instance to instance by nature (ids, numbers, times, addresses) is replaced
before anything is written, and so is every credential.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from sandtable_scenarios.stage.findings import TargetUnreachable
from sandtable_scenarios.targets.instances import InstanceTarget
from sandtable_scenarios.targets.wire import HEALTH, IMPORT

FORMAT = 1
HEADERS = (
    "Content-Type",
    "WWW-Authenticate",
    "Allow",
    "Location",
    "X-Total-Count",
    "X-Is-Logged-In",
    "Access-Control-Allow-Origin",
    "Retry-After",
)
TABLE = "/api/now/table/incident"
FIELDS = "sysparm_fields=sys_id,number,state,active,short_description,correlation_id,close_code,priority"


@dataclass(frozen=True, slots=True)
class Question:
    """One request of a recording; ``{incident}`` in the path stands for the incident of the recording."""

    name: str
    method: str
    path: str
    caller: str = "admin"
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


QUESTIONS: tuple[Question, ...] = (
    Question("no credentials", "GET", f"{TABLE}?sysparm_limit=1", "nobody"),
    Question("wrong password", "GET", f"{TABLE}?sysparm_limit=1", "wrong"),
    Question("unknown table", "GET", "/api/now/table/no_such_table_here"),
    Question("unknown record", "GET", f"{TABLE}/{'0' * 32}"),
    Question("unknown path", "GET", "/api/now/no_such_api"),
    Question("empty list", "GET", f"{TABLE}?sysparm_query=number=NOSUCHNUMBER&{FIELDS}"),
    Question("broken JSON", "POST", TABLE, headers={"Content-Type": "application/json"}, text='{"a": '),
    Question("method not allowed", "PATCH", TABLE, body={}),
    Question("health of the application", "GET", HEALTH, "integration"),
    Question("health without credentials", "GET", HEALTH, "nobody"),
    Question(
        "import of a new incident",
        "POST",
        IMPORT,
        "integration",
        {"u_short_description": "Sandtable recording", "u_correlation_id": "sandtable:recording", "u_category": None},
    ),
    Question("read back", "GET", f"{TABLE}/{{incident}}?{FIELDS}", "integration"),
    Question(
        "import of the same again",
        "POST",
        IMPORT,
        "integration",
        {"u_short_description": "Sandtable recording, again", "u_correlation_id": "sandtable:recording"},
    ),
    Question(
        "import without a change",
        "POST",
        IMPORT,
        "integration",
        {"u_short_description": "Sandtable recording, again", "u_correlation_id": "sandtable:recording"},
    ),
    Question(
        "close by import",
        "POST",
        IMPORT,
        "integration",
        {
            "elastic_incident_id": "{incident}",
            "u_state": "7",
            "u_close_code": "Closed/Resolved by Caller",
            "u_close_notes": "Closed by Caller",
        },
    ),
    Question("read the closed one", "GET", f"{TABLE}/{{incident}}?{FIELDS}"),
    Question(
        "import for an unknown incident",
        "POST",
        IMPORT,
        "integration",
        {"elastic_incident_id": "0" * 32, "u_state": "7"},
    ),
    Question("delete", "DELETE", f"{TABLE}/{{incident}}"),
    Question("delete again", "DELETE", f"{TABLE}/{{incident}}"),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One question that two instances answer differently: where in the answer, and how."""

    question: str
    place: str
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.question}: {self.place}: {self.first} / {self.second}"


def record(instance: InstanceTarget) -> dict[str, Any]:
    """Ask an instance every question and return its redacted answers; what was created is deleted again."""
    answers: dict[str, Any] = {}
    incident = "0" * 32
    date = ""
    for question in QUESTIONS:
        response = _ask(instance, question, incident)
        date = date or response.headers.get("Date", "")
        incident = _written(response) or incident
        answers[question.name] = _redacted(instance, question, response, incident)
    return {"format": FORMAT, "recorded": date, "answers": answers}


def _ask(instance: InstanceTarget, question: Question, incident: str) -> requests.Response:
    callers = {
        "admin": (instance.admin.user, instance.admin.password),
        "integration": (instance.integration.user, instance.integration.password),
        "wrong": (instance.admin.user, instance.admin.password + "-wrong"),
        "nobody": None,
    }
    body = None
    if question.body is not None:
        body = {name: incident if value == "{incident}" else value for name, value in question.body.items()}
    return instance.wire.send(
        question.method,
        question.path.replace("{incident}", incident),
        user=callers[question.caller],
        headers=question.headers,
        json=body,
        text=question.text,
    )


def _written(response: requests.Response) -> str:
    try:
        rows = response.json()["result"]
        return str(rows[0]["sys_id"]) if isinstance(rows, list) and response.status_code == 201 else ""
    except (ValueError, LookupError, TypeError):
        return ""


def _redacted(instance: InstanceTarget, question: Question, response: requests.Response, incident: str) -> Any:
    headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
    try:
        body: Any = response.json()
    except ValueError:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        body = f"<{kind or 'nothing'}>" if response.content else ""
    shown = json.dumps({"status": response.status_code, "headers": headers, "body": body}, ensure_ascii=False)
    host = urlsplit(instance.base_url).netloc
    for secret, word in (
        (incident, "<incident>"),
        (instance.base_url, "<instance>"),
        (host, "<host>"),
        *((text, "<user>") for text in (instance.admin.user, instance.integration.user)),
        *((text, "<secret>") for text in (instance.admin.password, instance.integration.password)),
    ):
        if len(secret) > 3:
            shown = shown.replace(json.dumps(secret, ensure_ascii=False)[1:-1], word)
    shown = re.sub(r"\b[0-9a-f]{32}\b", "<sys_id>", shown)
    shown = re.sub(r"\b(INC|ISET)\d+", r"\1<number>", shown)
    shown = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "<time>", shown)
    return json.loads(shown)


def save(recording: Mapping[str, Any], folder: Path, base_url: str) -> Path:
    """Write a recording under its date and host; returns the file."""
    day = re.sub(r"[^A-Za-z0-9]+", "-", str(recording["recorded"])[5:16]).strip("-") or "undated"
    host = re.sub(r"[^A-Za-z0-9.]+", "-", urlsplit(base_url).netloc)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{host}-{day}.json"
    path.write_text(json.dumps(recording, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return path


def load(path: Path) -> dict[str, Any]:
    """Read a recording; raises TargetUnreachable naming the file when it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise TargetUnreachable(f"{path} is no recording: {problem}") from problem
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("answers"), dict):
        raise TargetUnreachable(f"{path} is no recording of format {FORMAT}")
    return data


def drift(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """Return every place at which the second recording answers otherwise than the first, in the order asked."""
    found: list[Difference] = []
    for question in QUESTIONS:
        name = question.name
        if name in first["answers"] and name in second["answers"]:
            pairs = _compared(first["answers"][name], second["answers"][name], "")
            found += [Difference(name, place, one, two) for place, one, two in pairs]
    return found


def _compared(first: Any, second: Any, place: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted({*first, *second}):
            inner = f"{place}.{key}" if place else key
            if key not in second or key not in first:
                yield inner, _shown(first, key), _shown(second, key)
            else:
                yield from _compared(first[key], second[key], inner)
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for number, (one, two) in enumerate(zip(first, second, strict=True)):
            yield from _compared(one, two, f"{place}[{number}]")
    elif first != second:
        yield place, repr(first)[:80], repr(second)[:80]


def _shown(value: Mapping[str, Any], key: str) -> str:
    return repr(value[key])[:80] if key in value else "absent"
