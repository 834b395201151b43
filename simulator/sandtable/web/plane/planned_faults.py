"""The planned faults of a world."""

from __future__ import annotations

from typing import Any

from sandtable.faults.catalogue import CATALOGUE
from sandtable.faults.forms import BadForm, schema
from sandtable.faults.plan import Rule
from sandtable.web.plane.operations import Call, Operation, not_found

TOPIC = "Faults"


def listed(call: Call) -> dict[str, Any]:
    """Return the planned faults."""
    return {"faults": [each.shown() for each in call.world.faults]}


def kinds(call: Call) -> dict[str, Any]:
    """Return the faults there are."""
    shown = [
        {"fault": kind.kind, "summary": (kind.__doc__ or "").partition("\n\n")[0], "with": schema(kind)}
        for kind in CATALOGUE
    ]
    return {"faults": shown, "rule": schema(Rule)}


def add(call: Call) -> dict[str, Any]:
    """Plan a fault."""
    given = call.json()
    if isinstance(given, str):
        raise BadForm("body", f"must be a JSON object, not {given!r}", 'such as {"fault": "unavailable", "times": 3}')
    return call.world.faults.add(given).shown()


def one(call: Call, fault: str) -> dict[str, Any]:
    """Return a planned fault with its counts."""
    found = call.world.faults.get(fault)
    if found is None:
        raise not_found("fault", fault, [each.id for each in call.world.faults])
    return found.shown()


def replace(call: Call, fault: str) -> dict[str, Any]:
    """Put another fault in the place of one."""
    found = call.world.faults.replace(fault, call.json())
    if found is None:
        raise not_found("fault", fault, [each.id for each in call.world.faults])
    return found.shown()


def remove(call: Call, fault: str) -> None:
    """Take back a fault."""
    if not call.world.faults.remove(fault):
        raise not_found("fault", fault, [each.id for each in call.world.faults])


def clear(call: Call) -> None:
    """Take back all faults."""
    call.world.faults.clear()


OPERATIONS = (
    Operation("GET", "/faults", listed, TOPIC, "The planned faults with their counts."),
    Operation("POST", "/faults", add, TOPIC, "Plan a fault, or a script of several.", status=201),
    Operation("DELETE", "/faults", clear, TOPIC, "Take back all faults.", status=204),
    Operation("GET", "/faults/kinds", kinds, TOPIC, "The faults there are, with their parameters."),
    Operation("GET", "/faults/{fault}", one, TOPIC, "One planned fault with its counts."),
    Operation("PUT", "/faults/{fault}", replace, TOPIC, "Plan another fault in its place."),
    Operation("DELETE", "/faults/{fault}", remove, TOPIC, "Take back one fault.", status=204),
)
