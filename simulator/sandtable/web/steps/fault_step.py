"""Planned faults: what stands between a client and the instance, and answers, delays, repeats or breaks for it."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response

from sandtable.core.values.errors import PlatformError, RateLimited
from sandtable.faults.plan import suffer
from sandtable.faults.wire import Reply
from sandtable.web.environ import ENDING, FAULTS, LOG, REFUSAL, is_unobserved
from sandtable.web.transaction import Transaction
from sandtable.web.wire.wire_request import WireRequest
from sandtable.web.worlds.generation import cut

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def suffer_faults(
    application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Let the planned faults of the world happen to a request that they are meant for."""
    world = environ["sandtable.world"]
    if not world.faults or is_unobserved(environ):
        return application(environ, start_response)
    wire = WireRequest(environ, world)
    firing = world.faults.due(wire)
    if not firing:
        return application(environ, start_response)
    # Read before anything happens, so that the request can be delivered again.
    whole = wire.body_bytes

    served: list[Reply] = []
    start = time.perf_counter()

    def answer(refusal: PlatformError | None) -> Reply:
        delivered = _delivered(environ, whole)
        if refusal is not None:
            delivered[REFUSAL] = refusal
        served.append(_collected(application, delivered))
        return served[-1]

    connection = environ.get("sandtable.connection")

    def wait(seconds: float) -> None:
        with world.instance.visits.waiting() as let_pass:
            # A client within this process is woken when it gives up; the request waits on, as over a socket.
            getattr(connection, "wait", lambda seconds, let_pass: let_pass(seconds))(seconds, let_pass)

    environ[FAULTS] = [each.fault.kind for each in firing]
    reply = suffer(firing, wire, world.instance, wait, answer)
    environ[ENDING] = reply.ending
    if not served:
        elapsed = (time.perf_counter() - start) * 1000
        target = environ.get("RAW_URI") or wire.path
        environ[LOG].write_unserved(world, wire.method, target, reply.status, elapsed, environ[FAULTS])
    start_response(_status_line(reply.status), list(reply.headers))
    body = [reply.body] if environ.get("REQUEST_METHOD") != "HEAD" and reply.body else []
    return body if reply.ending == "complete" else cut(body, connection, reset=reply.ending == "reset")


def refuse_as_planned(transaction: Transaction) -> Response | None:
    """Raise the refusal that a planned fault asks for, after the credentials were checked."""
    refusal = transaction.environ.get(REFUSAL)
    if refusal is None:
        return None
    if isinstance(refusal, RateLimited):
        transaction.response_headers += [
            ("X-RateLimit-Limit", str(refusal.limit)),
            ("X-RateLimit-Reset", str(refusal.reset)),
            ("X-RateLimit-Rule", refusal.rule),
        ]
    transaction.explanations.append("a planned fault refused this request")
    raise refusal


def _delivered(environ: WSGIEnvironment, body: bytes) -> WSGIEnvironment:
    delivered = dict(environ)
    if body:
        delivered["wsgi.input"] = io.BytesIO(body)
    return delivered


def _collected(application: WSGIApplication, environ: WSGIEnvironment) -> Reply:
    """Return the whole answer of the application."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        started[:] = [status, headers]
        return written.append

    written: list[bytes] = []
    chunks = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started
    return Reply(int(status.partition(" ")[0]), tuple(headers), b"".join(written) + body)


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"
