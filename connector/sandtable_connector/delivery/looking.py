"""Whether a write whose answer was lost was carried out: asked of the instance before it is sent again.

A comment is there when its incident was written to since the connector last read it and its work notes hold the text. A
new incident is there when one was made since the write was sent, with the very fields that were to be written. Events
and observables leave nothing that the integration user could look at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from sandtable_connector.connector_types import TYPES
from sandtable_connector.errors import ConnectorError
from sandtable_connector.transport.messages import Request, Response

Verdict = Literal["unsure", "not there"]

CLOCKS_APART = 120.0
"""Seconds by which the clocks of the instance and of this machine may differ."""

_COMPARED = ("short_description", "description", "correlation_id", "correlation_display", "category", "subcategory")
_STAGING = {kind.staging_table: kind for kind in TYPES if kind.staging_table}
_TABLES = {kind.table: kind for kind in TYPES}


@dataclass(frozen=True, slots=True)
class _There:
    """The incident that holds what was written."""

    sys_id: str


@dataclass(frozen=True, slots=True)
class _Write:
    """A write of the connector, taken apart: whom it is for, and the fields without their prefix."""

    base: str
    table: str
    by_import: bool
    incident_id: str
    fields: Mapping[str, Any]
    comment: str


def look_for(
    request: Request,
    send: Callable[[Request], Response],
    *,
    sent_at: float,
    before: Mapping[str, Any] | None,
    known: Callable[[str], bool],
) -> Response | Verdict:
    """Return the answer that a write was given, as far as the instance can tell, or a verdict.

    `send` carries the reading requests, with the credentials of the write. `before` is the incident as the connector
    read it last before the write, `sent_at` the Unix time at which the write was sent first, and `known` tells of a
    sys_id whether another action has reported it as its own.
    """
    write = _taken_apart(request)
    if write is None:
        return "unsure"
    try:
        if write.incident_id:
            found = _comment(write, request, send, before)
        elif write.by_import and write.fields.get("correlation_id") and not write.comment:
            return "not there"  # once more, it is the same incident that the app finds by its ID
        else:
            found = _incident(write, request, send, sent_at, known)
    except (ConnectorError, ValueError):
        return "unsure"
    if isinstance(found, _There):
        return _answer(write, found.sys_id)
    return found


def _taken_apart(request: Request) -> _Write | None:
    path = urlsplit(request.url).path
    for marker, by_import in (("/api/now/import/", True), ("/api/now/v2/table/", False)):
        start, found, rest = request.url.partition(marker)
        if not found or marker not in path:
            continue
        name, _, record = rest.partition("/")
        kind = (_STAGING if by_import else _TABLES).get(name)
        body = json.loads(request.body or b"null")
        if kind is None or not isinstance(body, dict):
            return None
        fields = {key.removeprefix("u_") if by_import else key: value for key, value in body.items()}
        incident_id = str(body.get("elastic_incident_id") or "") if by_import else record
        comment = fields.get(kind.comment_field)
        return _Write(start, kind.table, by_import, incident_id, fields, comment if isinstance(comment, str) else "")
    return None


def _comment(
    write: _Write, request: Request, send: Callable[[Request], Response], before: Mapping[str, Any] | None
) -> _There | Verdict:
    if not write.comment:
        return "not there"  # the same values once more change nothing
    if before is None:
        return "unsure"
    record = f"{write.base}/api/now/v2/table/{write.table}/{write.incident_id}"
    now = _result(send(_reading(request, f"{record}?sysparm_fields=sys_mod_count,work_notes,comments")))
    if not isinstance(now, Mapping) or "sys_mod_count" not in now or "sys_mod_count" not in before:
        return "unsure"
    if now["sys_mod_count"] == before["sys_mod_count"]:
        return "not there"
    shown = _result(send(_reading(request, f"{record}?sysparm_fields=work_notes,comments&sysparm_display_value=true")))
    if not isinstance(shown, Mapping):
        return "unsure"
    notes = "\n".join(str(value) for value in shown.values())
    return _There(write.incident_id) if _flat(write.comment) in _flat(notes) else "not there"


def _incident(
    write: _Write,
    request: Request,
    send: Callable[[Request], Response],
    sent_at: float,
    known: Callable[[str], bool],
) -> _There | Verdict:
    by_id = write.fields.get("correlation_id")
    name = "correlation_id" if by_id else "short_description"
    value = str(write.fields.get(name) or "").replace("^", "^^")
    since = f"{datetime.fromtimestamp(sent_at - CLOCKS_APART, UTC):%Y-%m-%d %H:%M:%S}"
    query = quote(f"{name}={value}^sys_created_on>={since}^ORDERBYDESCsys_created_on", safe="")
    wanted = quote(",".join(("sys_id", *_COMPARED)), safe="")
    url = f"{write.base}/api/now/v2/table/{write.table}?sysparm_query={query}&sysparm_fields={wanted}&sysparm_limit=20"
    rows = _result(send(_reading(request, url)))
    if not isinstance(rows, list):
        return "unsure"
    for row in rows:
        if isinstance(row, Mapping) and row.get("sys_id") and all(_same(write, row, name) for name in _COMPARED):
            sys_id = str(row["sys_id"])
            # By a correlation ID the app may have written to an incident that an earlier action made.
            if not known(sys_id):
                return _There(sys_id)
    return "not there"


def _same(write: _Write, row: Mapping[str, Any], name: str) -> bool:
    given = write.fields.get(name)
    return not given or name not in row or _flat(str(row[name])) == _flat(str(given))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _reading(request: Request, url: str) -> Request:
    headers = {name: value for name, value in request.headers.items() if not name.lower().startswith("content-")}
    return replace(request, method="GET", url=url, headers=headers, body=None)


def _result(response: Response) -> Any:
    if response.status != 200:
        return None
    body = json.loads(response.body)
    return body.get("result") if isinstance(body, dict) else None


def _answer(write: _Write, sys_id: str) -> Response:
    """Return what the instance had answered, as far as the connector reads it."""
    status = "updated" if write.incident_id else "inserted"
    row = {"table": write.table, "status": status, "sys_id": sys_id}
    result: Any = [row] if write.by_import else {"sys_id": sys_id}
    return Response(201, {"content-type": "application/json"}, json.dumps({"result": result}).encode())


def records(answers: Iterator[Response]) -> Iterator[Mapping[str, Any]]:
    """Yield the single records that answers hold."""
    for answer in answers:
        try:
            found = _result(answer)
        except ValueError:
            continue
        if isinstance(found, Mapping) and "sys_id" in found:
            yield found
