"""What came in: the request journal, verification against it, and what was asked for and is not simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response

from sandtable.core.values.texts import comma_list, whole_number
from sandtable.faults.forms import entry
from sandtable.web.journal.request_journal import EntryPattern
from sandtable.web.journal.verification import Expectation, verify
from sandtable.web.plane.operations import Call, Operation, PlaneError

TOPIC = "Requests"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which requests of the journal."""

    method: str = entry("", "one method or several with commas between")
    path: str = entry("", "the path, where * stands for any characters", example="/api/now/*")
    table: str = entry("", "the table that the path names")
    user: str = entry("", "the user name of the caller")
    status: int | None = entry(None, "the status of the answer", least=100, most=599)
    body_contains: str = entry("", "a text that the body holds")
    since: int = entry(0, "leaves out requests up to this id", least=0)
    members: str = entry("", "only these members of each request, with commas between", example="method,path,status")
    limit: int = entry(1000, "how many, the newest of those that match", least=1, most=1_000_000)


def journal(call: Call) -> dict[str, Any]:
    """Return requests, oldest first."""
    asked = call.query(JournalQuery)
    pattern = EntryPattern(
        method=asked.method,
        path=asked.path,
        table=asked.table,
        user=asked.user,
        status=asked.status,
        body_contains=asked.body_contains,
    )
    found = call.world.journal.entries(pattern, since=asked.since)
    members = frozenset(comma_list(asked.members))
    return {"total": len(found), "requests": [each.shown(members) for each in found[-asked.limit :]]}


def one(call: Call, number: str) -> dict[str, Any]:
    """Return one request."""
    found = call.world.journal.get(whole_number(number, -1))
    if found is None:
        fix = "GET /_sandtable/requests lists those that are kept"
        raise PlaneError(404, "number", f"there is no request {number!r} in the journal", fix)
    return found.shown()


def forget(call: Call) -> None:
    """Empty the journal."""
    call.world.journal.clear()


def metrics(call: Call) -> Response:
    """Return what is counted, for Prometheus."""
    told = call.worlds.metrics
    if told is None:
        raise PlaneError(404, "path", "nothing is counted", "start the server with --metrics")
    return Response(told(), content_type=PROMETHEUS)


def verified(call: Call) -> dict[str, Any]:
    """Say whether the journal is as expected."""
    return verify(call.world.journal, call.form(Expectation))


def unsimulated(call: Call) -> dict[str, Any]:
    """Return the ledger."""
    ledger = call.instance.ledger
    listed = [
        {"kind": each.kind, "name": each.name, "detail": each.detail, "count": each.count} for each in ledger.entries()
    ]
    return {"strict": ledger.strict, "unsimulated": listed}


def forget_unsimulated(call: Call) -> None:
    """Empty the ledger."""
    call.instance.ledger.clear()


OPERATIONS = (
    Operation(
        "GET", "/requests", journal, TOPIC, "The request journal, secrets replaced by stars.", query=JournalQuery
    ),
    Operation("DELETE", "/requests", forget, TOPIC, "Empty the request journal.", status=204),
    Operation("GET", "/requests/{number}", one, TOPIC, "One request of the journal."),
    Operation(
        "POST",
        "/verify",
        verified,
        TOPIC,
        "Whether as many requests as expected match; if too few do, which came closest and why they do not.",
        Expectation,
    ),
    Operation(
        "GET",
        "/metrics",
        metrics,
        TOPIC,
        "What is counted since the start, for Prometheus; with `--metrics`.",
        answer_type="text/plain",
    ),
    Operation("GET", "/unsimulated", unsimulated, TOPIC, "What was asked for and is not simulated."),
    Operation("DELETE", "/unsimulated", forget_unsimulated, TOPIC, "Empty that ledger.", status=204),
)
