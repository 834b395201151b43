"""A request belongs to the state of its world that it came to: it is not carried out in another one."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sandtable.core.values.errors import DatabaseUnavailable
from sandtable.core.values.visits import Outlived
from sandtable.web.environ import ARRIVED, NUMBER, is_unobserved

READY = "/_sandtable/health/ready"
NO_WORLD = "POST /_sandtable/worlds makes one"

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from sandtable.core.values.visits import Visits


def stay_in_one_generation(
    application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Carry a request out in the state that its world has then, or not at all.

    One that waits in a planned fault while the world is reset or restored ends with a reset connection; so does one
    that came before, and whose client has left since.
    """
    world = environ["sandtable.world"]
    visits: Visits = world.instance.visits
    if visits.visiting:
        return application(environ, start_response)
    instance = world.instance
    if world.dropped:
        return _gone(environ, start_response)
    try:
        if environ.get("PATH_INFO", "").endswith(READY):
            instance.store.check()  # whatever waits for the database meanwhile
        is_noted = not is_unobserved(environ)
        environ[NUMBER] = instance.refresh(world.journal.counted if is_noted else "")
    except DatabaseUnavailable as error:
        return _unavailable(error, start_response)
    if not is_noted:
        return application(environ, start_response)
    stream = environ.get("wsgi.input")
    if stream is not None and not isinstance(stream, io.BytesIO):
        environ["wsgi.input"] = _Patient(stream, visits)
    connection = environ.get("sandtable.connection")
    arrived = environ.get(ARRIVED)
    if arrived is not None and connection is not None and visits.moved_shortly_before(arrived):
        arrived = min(arrived, connection.heard_at())  # it lay there unread while the world went back
    try:
        with visits.visit(arrived, getattr(connection, "has_left", lambda: False)):
            if world.dropped:  # before this visit began, or dropping it would wait
                return _gone(environ, start_response)
            return application(environ, start_response)
    except Outlived:
        start_response("503 Service Unavailable", [], sys.exc_info())
        return cut([], connection, reset=True)
    except DatabaseUnavailable as error:  # lost where a planned fault was looked for, or anything beside the view
        return _unavailable(error, start_response)


def _gone(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Answer as to any request to a world that there is not: it was there when the request came."""
    problem = environ["sandtable.web.worlds.worlds"].why_missing(environ["sandtable.world"].name)
    told = {"error": {"field": "world", "problem": problem, "fix": NO_WORLD}}
    start_response("404 Not Found", [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]


def _unavailable(error: DatabaseUnavailable, start_response: StartResponse) -> list[bytes]:
    """Answer that the instance cannot be read, in the form of the platform's own refusals."""
    told = {"error": {"message": error.message, "detail": error.detail}, "status": "failure"}
    start_response("503 Service Unavailable", [("Content-Type", "application/json;charset=UTF-8")])
    return [json.dumps(told).encode()]


def cut(body: list[bytes], connection: Any, *, reset: bool) -> Iterator[bytes]:
    """Yield the beginning of an answer, and end its connection. Raises ConnectionAbortedError for a server without."""
    yield from body
    if connection is None:
        raise ConnectionAbortedError("the connection is to be cut, and this server gives no other way to do so")
    connection.abort(reset=reset)


class _Patient:
    """The stream of a request body, for whose bytes an instance that goes back to another moment does not wait long."""

    def __init__(self, stream: Any, visits: Visits) -> None:
        self._stream = stream
        self._visits = visits

    def read(self, size: int = -1) -> bytes:
        with self._visits.receiving():
            data: bytes = self._stream.read(size) if size >= 0 else self._stream.read()
        return data

    def readline(self, size: int = -1) -> bytes:
        with self._visits.receiving():
            line: bytes = self._stream.readline(size) if size >= 0 else self._stream.readline()
        return line

    def readlines(self, hint: int = -1) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line
