"""Everything the test plane offers, and which operation answers a request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map

from sandtable.core.values.texts import nearest
from sandtable.web.environ import PLANE_PREFIX
from sandtable.web.plane import own_endpoints, planned_faults, records, running_scripts
from sandtable.web.plane.loading import loading
from sandtable.web.plane.observing import explaining, watching
from sandtable.web.plane.openapi import document
from sandtable.web.plane.operations import Operation, answer_by, route
from sandtable.web.plane.plane_answers import refusal
from sandtable.web.plane.worlds import many_worlds, saving, state

if TYPE_CHECKING:
    from flask import Response

OPERATIONS: tuple[Operation, ...] = (
    *state.OPERATIONS,
    *saving.OPERATIONS,
    *loading.OPERATIONS,
    *records.OPERATIONS,
    *watching.OPERATIONS,
    *planned_faults.OPERATIONS,
    *own_endpoints.OPERATIONS,
    *explaining.OPERATIONS,
    *running_scripts.OPERATIONS,
    *many_worlds.OPERATIONS,
    Operation(
        "GET",
        "/openapi.json",
        lambda call: document(OPERATIONS, PLANE_PREFIX),
        "Description",
        "This description.",
    ),
)
# Answered beside the plane, so that it need not be loaded for them.
HEALTH = frozenset({f"{PLANE_PREFIX}/health/live", f"{PLANE_PREFIX}/health/ready"})
_MAP = Map((route(each) for each in OPERATIONS), strict_slashes=False, merge_slashes=False)
_BY_NAME = {each.name: each for each in OPERATIONS}


def answer(method: str, path: str) -> Response:
    """Return what the plane answers to the current request, a refusal where there is no such operation."""
    try:
        name, placeholders = _MAP.bind("").match(path, method)
    except MethodNotAllowed as error:
        # What a path takes for a name may have been meant as a word of another path.
        is_meant = any(path == PLANE_PREFIX + each.path for each in OPERATIONS)
        near = "" if is_meant else _nearest(path, [each.path for each in OPERATIONS if each.method == method])
        return no_such_method(method, path, error.valid_methods or (), near)
    except NotFound:
        if path in HEALTH:
            return no_such_method(method, path, ("GET", "HEAD"))
        near = _nearest(path, {each.path for each in OPERATIONS})
        hint = f"did you mean {near}?" if near else f"{PLANE_PREFIX}/openapi.json lists what there is"
        return refusal(404, "path", f"there is no {path}", hint)
    return answer_by(_BY_NAME[name], placeholders)


def _nearest(path: str, known: Iterable[str]) -> str:
    """Return the path of the plane that is most like another one, or nothing."""
    near = nearest(path.removeprefix(PLANE_PREFIX), known)
    return f"{PLANE_PREFIX}{near}" if near else ""


def no_such_method(method: str, path: str, allowed: Iterable[str], near: str = "") -> Response:
    """Return the refusal of a method that is not for a path; `near` is a path that it is for."""
    listed = ", ".join(sorted({*allowed} - {"OPTIONS"}))
    meant = f"; did you mean {method} {near}?" if near else ""
    refused = refusal(405, "method", f"{method} is not for {path}", f"send {listed}{meant}")
    refused.headers["Allow"] = listed
    return refused
