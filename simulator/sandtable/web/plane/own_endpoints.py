"""The endpoints of one's own that a world has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandtable.faults.forms import entry
from sandtable.web.plane.operations import Call, Operation, not_found
from sandtable.web.worlds.stubs import METHODS, Stub

TOPIC = "Endpoints of your own"


@dataclass(frozen=True, slots=True)
class Which:
    """Which endpoint."""

    method: str = entry("", "its method; all endpoints without one", one_of=("", *METHODS))
    path: str = entry("", "its path, as it was given")


def listed(call: Call) -> dict[str, Any]:
    """Return the endpoints."""
    return {"stubs": [each.shown() for each in call.world.stubs.all()]}


def add(call: Call) -> dict[str, Any]:
    """Add an endpoint."""
    stub = call.form(Stub)
    call.world.stubs.add(stub)
    return stub.shown()


def remove(call: Call) -> None:
    """Take away one endpoint, or all."""
    which = call.query(Which)
    if not which.method and not which.path:
        call.world.stubs.clear()
    elif not call.world.stubs.remove(which.method, which.path):
        known = [f"{each.method} {each.path}" for each in call.world.stubs.all()]
        raise not_found("stub", f"{which.method} {which.path}", known)


OPERATIONS = (
    Operation("GET", "/stubs", listed, TOPIC, "The endpoints of your own."),
    Operation("POST", "/stubs", add, TOPIC, "Add an endpoint, or put another in its place.", body=Stub, status=201),
    Operation("DELETE", "/stubs", remove, TOPIC, "Take away one endpoint, or all.", query=Which, status=204),
)
