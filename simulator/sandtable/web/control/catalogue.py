"""Everything the test plane offers, and which operation answers a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from sandtable.web.control.openapi import document
from sandtable.web.control.operations import Operation, answer_by, route
from sandtable.web.wire_request import CONTROL_PREFIX

if TYPE_CHECKING:
    from flask import Response

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
_MAP = Map((route(each) for each in OPERATIONS), strict_slashes=False, merge_slashes=False)
_BY_NAME = {each.name: each for each in OPERATIONS}


def answer(method: str, path: str) -> Response:
    """Return what the plane answers to the current request. Raises werkzeug's NotFound and MethodNotAllowed."""
    name, placeholders = _MAP.bind("").match(path, method)
    return answer_by(_BY_NAME[name], placeholders)
