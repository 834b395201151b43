"""Worlds: more instances in the same server, made and forked on demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandtable.faults.forms import BadForm, entry
from sandtable.web.plane.operations import Call, Operation, PlaneError
from sandtable.web.worlds.worlds import PATH_PREFIX, WorldError, WorldFacts

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
    return {"worlds": [_shown(each) for each in call.worlds.all_facts()], "this": call.world.name}


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
    return _shown(call.worlds.facts(name))


def one(call: Call, name: str) -> dict[str, Any]:
    """Return one world."""
    return _shown(_facts(call, name))


def drop(call: Call, name: str) -> None:
    """Drop a world."""
    call.worlds.drop(_facts(call, name).name)


def _facts(call: Call, name: str) -> WorldFacts:
    try:
        return call.worlds.facts(name)
    except WorldError as error:
        raise _missing(error) from None


def _shown(facts: WorldFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "path": f"{PATH_PREFIX}{facts.name}",
        "host": f"{facts.name}.*",
        "journalled_requests": facts.journalled_requests,
        "planned_faults": facts.planned_faults,
    }


def _missing(error: WorldError) -> PlaneError:
    return PlaneError(404, "name", str(error), "GET /_sandtable/worlds lists the worlds there are")


OPERATIONS = (
    Operation("GET", "/worlds", listed, TOPIC, "The worlds of this server."),
    Operation("POST", "/worlds", make, TOPIC, "Make a world, fresh or as a copy of another.", WorldForm, status=201),
    Operation("GET", "/worlds/{name}", one, TOPIC, "One world."),
    Operation("DELETE", "/worlds/{name}", drop, TOPIC, "Drop a world.", status=204),
)
