"""The test plane: what a test may do to an instance and ask about it, beside what the instance offers itself."""

from __future__ import annotations

from flask import Blueprint

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
from sandtable.web.control.operations import Operation, bind

PREFIX = "/_sandtable"
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
        lambda call: document(OPERATIONS, PREFIX),
        "Description",
        "This description.",
    ),
)
blueprint = Blueprint("control", __name__, url_prefix=PREFIX)
bind(blueprint, OPERATIONS)
