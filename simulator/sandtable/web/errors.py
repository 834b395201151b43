"""The one table from refusal to HTTP status, and the platform's error envelope."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping
from types import MappingProxyType

from flask import Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from sandtable.core.schema.stock_tables import is_stock_table
from sandtable.core.values import errors
from sandtable.web import console
from sandtable.web.environ import is_for_the_plane
from sandtable.web.transaction import current
from sandtable.web.wire.answers import envelope
from sandtable.web.worlds.generation import NO_WORLD
from sandtable.web.worlds.worlds import PATH_PREFIX

# What SQLite says when the disk is full, when a write fails, and when the file may not be written.
NO_SPACE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
_log = logging.getLogger("sandtable.web")

STATUS: Mapping[type[errors.PlatformError], int] = MappingProxyType(
    {
        errors.NotAuthenticated: 401,
        errors.ApiAccessDenied: 403,
        errors.MissingAccessScope: 403,
        errors.QueryDenied: 403,
        errors.OperationFailed: 403,
        errors.RecordNotFound: 404,
        errors.UnknownTable: 400,
        errors.UnknownResource: 400,
        errors.BadRequest: 400,
        errors.AttachmentTooLarge: 413,
        errors.MethodNotSupported: 405,
        errors.NotAcceptable: 406,
        errors.UnsupportedMediaType: 415,
        errors.RateLimited: 429,
        errors.ScopeAccessNotGranted: 500,
        errors.TableScopeRefused: 500,
        errors.ScriptError: 500,
        errors.TransactionCancelled: 500,
        errors.Unsimulated: 501,
        errors.InsufficientStorage: 507,
        errors.DatabaseUnavailable: 503,
        errors.OutcomeUnknown: 503,
    }
)


def status_of(error: errors.PlatformError) -> int:
    """Return the HTTP status of a refusal: that of its class, or of the nearest class above it."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 400


def platform_error(error: errors.PlatformError) -> Response:
    """Return the answer to a refusal of the platform: the error envelope, for people a page."""
    if console.wants_page():
        answer = console.error_page(error, status_of(error))
        if isinstance(error, errors.Unsimulated):
            answer.headers["X-Sandtable-Error"] = "unsimulated"
        return answer
    if isinstance(error, errors.RateLimited):
        answer = envelope(error.message, error.detail, status_of(error))
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    if isinstance(error, errors.UnknownTable) and is_stock_table(error.name):
        return _stock_table(error.name)
    answer = envelope(error.message, error.detail, status_of(error))
    if isinstance(error, errors.Unsimulated):
        answer.headers["X-Sandtable-Error"] = "unsimulated"
    return answer


def _stock_table(name: str) -> Response:
    """Return the answer for a table that instances have and this one does not: no rows, or a refusal that says so.

    Raises Unsimulated in strict mode, and for anything but reading.
    """
    current().instance.ledger.note("table", name, "a stock table that is not simulated; it seems empty")
    if request.method not in ("GET", "HEAD") or not request.path.startswith("/api/now/"):
        raise errors.Unsimulated("table", name, "a stock table that is not simulated")
    if request.path.rstrip("/").rpartition("/")[2] != name:
        return platform_error(errors.RecordNotFound())
    answer = Response('{"result":[]}', status=200, content_type="application/json;charset=UTF-8")
    answer.headers["X-Total-Count"] = "0"
    return answer


def http_error(error: HTTPException) -> Response:
    """Return the answer to what routing or the web framework refused, in the platform's words."""
    if request.path.startswith("/api/") or request.path == "/api":
        if isinstance(error, NotFound):
            current().instance.ledger.note("path", request.path)
            return platform_error(errors.UnknownResource())
        if isinstance(error, MethodNotAllowed):
            return platform_error(errors.MethodNotSupported())
        return envelope(error.name, error.description, error.code or 500)
    if is_for_the_plane(request.environ):
        from sandtable.web.plane.catalogue import answer

        # What the one route of the plane does not match, such as a path with a line break, the plane knows best.
        return answer(request.method, request.path)
    if isinstance(error, NotFound) and request.path.startswith(PATH_PREFIX):
        return _no_world(request.path.removeprefix(PATH_PREFIX).partition("/")[0])
    if console.wants_page():
        return console.error_page(error, error.code or 500)
    page = f"<!DOCTYPE html><html><head><title>{error.name}</title></head><body><h1>{error.name}</h1></body></html>"
    return Response(page, status=error.code or 500, content_type="text/html;charset=UTF-8")


def _no_world(name: str) -> Response:
    from sandtable.web.plane.plane_answers import refusal

    problem = request.environ["sandtable.web.worlds.worlds"].why_missing(name)
    return refusal(404, "world", problem, NO_WORLD)


def any_error(error: Exception) -> Response:
    """Return the answer to any exception; one that is not a refusal is a bug of ours, and the answer says so."""
    if isinstance(error, HTTPException) and error.response is not None:
        return error.response  # type: ignore[return-value]
    try:
        if isinstance(error, HTTPException):
            return http_error(error)
        if isinstance(error, ConnectionError):
            # The client left, or fell silent, while its body was read; what the view wrote until then is taken back.
            error = errors.UnreadableBody(f"Cannot read: {error}")
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in NO_SPACE:
            error = errors.InsufficientStorage(current().instance.store.path, str(error))
        if isinstance(error, errors.InsufficientStorage):
            _log.error("%s %s: %s cannot be written: %s", request.method, request.path, error.path, error.detail)
        if isinstance(error, errors.PlatformError):
            return platform_error(error)
    except errors.PlatformError as refusal:
        return platform_error(refusal)
    world = request.environ["sandtable.world"]
    if world.dropped:
        return _no_world(world.name)  # since the request was found to be for it
    _log.error("%s %s failed in the simulator itself", request.method, request.path, exc_info=error)
    answer = envelope(
        "Sandtable internal error",
        f"{type(error).__name__}: this is a bug of the simulator, not behaviour of the product; see its log",
        500,
    )
    answer.headers["X-Sandtable-Error"] = "internal"
    return answer
