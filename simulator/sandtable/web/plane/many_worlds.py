"""Worlds: more instances in the same server, made and forked on demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandtable.faults.forms import BadForm, entry
from sandtable.web.plane.operations import Call, Operation, PlaneError
from sandtable.web.worlds.worlds import PATH_PREFIX, WorldError

TOPIC = "Worlds"


@dataclass(frozen=True, slots=True)
class WorldForm:
    """A world to be made: a fresh instance, or a copy of another world's."""

    name: str = entry("", "its name, a host name label; one is made up when left out", example="test-7")
    fork: str = entry("", "the world to copy, records, clock and settings")
    random_seed: int | None = entry(None, "makes its ids repeatable; not of a copy")
    empty: bool | None = entry(None, "without the Elastic applications; not of a copy")
    strict: bool | None = entry(None, "refuses what is not simulated; not of a copy")


def listed(call: Call) -> dict[str, Any]:
    """Return the worlds."""
    return {"worlds": [_shown(call, name) for name in call.worlds.names()], "this": call.world.name}


def make(call: Call) -> dict[str, Any]:
    """Make a world."""
    form = call.form(WorldForm)
    options = {name: value for name in ("random_seed", "empty", "strict") if (value := getattr(form, name)) is not None}
    name = form.name or call.worlds.free_name()
    if form.fork:
        if options:
            raise BadForm(next(iter(options)), "cannot be chosen for a copy", "leave it out, or leave out fork")
        call.worlds.fork(name, form.fork)
    else:
        call.worlds.create(name, **options)
    return _shown(call, name)


def one(call: Call, name: str) -> dict[str, Any]:
    """Return one world."""
    return _shown(call, name)


def drop(call: Call, name: str) -> None:
    """Drop a world."""
    try:
        call.worlds.world(name)
    except WorldError as error:
        raise _missing(error) from None
    call.worlds.drop(name)


def _shown(call: Call, name: str) -> dict[str, Any]:
    try:
        world = call.worlds.world(name)
    except WorldError as error:
        raise _missing(error) from None
    return {
        "name": world.name,
        "path": f"{PATH_PREFIX}{world.name}",
        "host": f"{world.name}.*",
        "journalled_requests": len(world.journal.entries()),
        "planned_faults": len(list(world.faults)),
    }


def _missing(error: WorldError) -> PlaneError:
    return PlaneError(404, "name", str(error), "GET /_sandtable/worlds lists the worlds there are")


OPERATIONS = (
    Operation("GET", "/worlds", listed, TOPIC, "The worlds of this server."),
    Operation("POST", "/worlds", make, TOPIC, "Make a world, fresh or as a copy of another.", WorldForm, status=201),
    Operation("GET", "/worlds/{name}", one, TOPIC, "One world."),
    Operation("DELETE", "/worlds/{name}", drop, TOPIC, "Drop a world.", status=204),
)
