"""What people do on the instance itself, through its Table API, as its administrator."""

from __future__ import annotations

from sandtable_scenarios.actions.incidents import resolve
from sandtable_scenarios.stage.pictures import Outcome, model_of, observed
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.connectors import Answer

DONE: Answer = {"status": "ok", "data": None}


def _change(world: World, incident: str, values: dict[str, str]) -> Outcome | None:
    model = model_of(world)
    sys_id = resolve(world, incident)
    if sys_id is None or sys_id not in model.known:
        return None

    def act() -> Answer:
        world.instance.table.update("incident", sys_id, values)
        return DONE

    outcome = observed(world, act)
    row = outcome.after.incidents[sys_id]
    model.known[sys_id].state = row["state"]
    model.known[sys_id].correlation_id = row["correlation_id"]
    return outcome


def close_by_hand(world: World, incident: str) -> Outcome | None:
    """Close an incident by hand, with the fields that closing wants."""
    return _change(world, incident, {"state": "7", "close_code": "Solution provided", "close_notes": "Closed by hand"})


def resolve_by_hand(world: World, incident: str) -> Outcome | None:
    """Resolve an incident by hand; it stays open until somebody closes it."""
    return _change(
        world, incident, {"state": "6", "close_code": "Solution provided", "close_notes": "Resolved by hand"}
    )


def cancel_by_hand(world: World, incident: str) -> Outcome | None:
    """Cancel an incident: nobody has to work on it any more."""
    return _change(world, incident, {"state": "8", "close_code": "Duplicate", "close_notes": "Canceled by hand"})


def reopen_by_hand(world: World, incident: str) -> Outcome | None:
    """Take an incident back into work."""
    return _change(world, incident, {"state": "2"})


def relabel_by_hand(world: World, incident: str, correlation_id: str) -> Outcome | None:
    """Give an incident another correlation ID, so that several can share one."""
    return _change(world, incident, {"correlation_id": correlation_id})


def edit_by_hand(world: World, incident: str, **values: str) -> Outcome | None:
    """Give an incident other texts or levels, as somebody does who works on it."""
    return _change(world, incident, values)


def open_by_hand(world: World, correlation_id: str = "", short_description: str = "Reported by phone") -> Outcome:
    """Open an incident by hand, perhaps with a correlation ID that others have."""
    model = model_of(world)

    def act() -> Answer:
        values = {"short_description": short_description, "correlation_id": correlation_id}
        world.instance.table.insert("incident", values)
        return DONE

    outcome = observed(world, act)
    for sys_id in outcome.change.created:
        model.arrive(
            sys_id, outcome.after.incidents[sys_id]["correlation_id"], outcome.after.incidents[sys_id]["state"]
        )
    return outcome


def delete_by_hand(world: World, incident: str) -> Outcome | None:
    """Delete an incident."""
    model = model_of(world)
    sys_id = resolve(world, incident)
    if sys_id is None or sys_id not in model.known:
        return None

    def act() -> Answer:
        world.instance.table.delete("incident", sys_id)
        return DONE

    outcome = observed(world, act)
    model.forget(sys_id)
    return outcome


def wait(world: World, seconds: float) -> None:
    """Let time pass on the instance; where its clock cannot be moved, no time passes."""
    if world.instance.control is not None:
        world.instance.control.advance(seconds)


ACTIONS = {
    "close_by_hand": close_by_hand,
    "resolve_by_hand": resolve_by_hand,
    "reopen_by_hand": reopen_by_hand,
    "cancel_by_hand": cancel_by_hand,
    "relabel_by_hand": relabel_by_hand,
    "edit_by_hand": edit_by_hand,
    "open_by_hand": open_by_hand,
    "delete_by_hand": delete_by_hand,
    "wait": wait,
}
