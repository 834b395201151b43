"""The test plane: what a test may do to an instance and ask about it, beside what the instance offers itself."""

from __future__ import annotations

from flask import Blueprint

from sandtable.web.control import state
from sandtable.web.control.operations import Operation, bind

OPERATIONS: tuple[Operation, ...] = (*state.OPERATIONS,)
blueprint = Blueprint("control", __name__, url_prefix="/_sandtable")
bind(blueprint, OPERATIONS)
