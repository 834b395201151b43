"""Everything the test plane offers, and which operation answers a request."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map

from sandtable.web.control import (
    explaining,
    many_worlds,
    planned_faults,
    records,
    saving,
    seeding,
    state,
    watching,
)
from sandtable.web.control.answers import refusal
from sandtable.web.control.openapi import document
from sandtable.web.control.operations import Operation, answer_by, route
from sandtable.web.wire_request import CONTROL_PREFIX

if TYPE_CHECKING:
    from flask import Response

LONGEST_PATH = 200  # that is compared with the paths there are, to suggest one
OPERATIONS: tuple[Operation, ...] = (
    *state.OPERATIONS,
    *saving.OPERATIONS,
    *seeding.OPERATIONS,
    *records.OPERATIONS,
    *watching.OPERATIONS,
    *planned_faults.OPERATIONS,
    *explaining.OPERATIONS,
    *many_worlds.OPERATIONS,
    Operation(
        "GET",
        "/openapi.json",
        lambda call: document(OPERATIONS, CONTROL_PREFIX),
        "Description",
        "This description.",
    ),
)
# Answered beside the plane, so that it need not be loaded for them.
HEALTH = frozenset({f"{CONTROL_PREFIX}/health/live", f"{CONTROL_PREFIX}/health/ready"})
_MAP = Map((route(each) for each in OPERATIONS), strict_slashes=False, merge_slashes=False)
_BY_NAME = {each.name: each for each in OPERATIONS}


def answer(method: str, path: str) -> Response:
    """Return what the plane answers to the current request, a refusal where there is no such operation."""
    try:
        name, placeholders = _MAP.bind("").match(path, method)
    except MethodNotAllowed as error:
        return no_such_method(method, path, error.valid_methods or ())
    except NotFound:
        if path in HEALTH:
            return no_such_method(method, path, ("GET", "HEAD"))
        near = get_close_matches(
            path.removeprefix(CONTROL_PREFIX)[:LONGEST_PATH], {each.path for each in OPERATIONS}, n=1
        )
        hint = (
            f"did you mean {CONTROL_PREFIX}{near[0]}?" if near else f"{CONTROL_PREFIX}/openapi.json lists what there is"
        )
        return refusal(404, "path", f"there is no {path}", hint)
    return answer_by(_BY_NAME[name], placeholders)


def no_such_method(method: str, path: str, allowed: Iterable[str]) -> Response:
    """Return the refusal of a method that is not for a path."""
    listed = ", ".join(sorted({*allowed} - {"OPTIONS"}))
    refused = refusal(405, "method", f"{method} is not for {path}", f"send {listed}")
    refused.headers["Allow"] = listed
    return refused
