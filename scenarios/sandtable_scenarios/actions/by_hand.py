"""What people do on the instance itself, through its Table API, as its administrator."""

from __future__ import annotations

from sandtable_scenarios.actions.incidents import resolve
from sandtable_scenarios.actions.instance.living import judge_life
from sandtable_scenarios.stage.pictures import Outcome, done_by_hand, model_of, observed
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.connectors import Answer

DONE: Answer = {"status": "ok", "data": None}


def _change(world: World, incident: str, values: dict[str, str]) -> Outcome | None:
    model = model_of(world)
    sys_id = resolve(world, incident)
    if sys_id is None or sys_id not in model.known:
        return None

    row = world.instance.table.update("incident", sys_id, values)
    outcome = done_by_hand(world, sys_id, row)
    before = outcome.before.incidents[sys_id]
    judge_life(world, before, outcome.after.incidents[sys_id], world.learned.get("administrator", ""), values)
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


def hold_by_hand(world: World, incident: str, reason: str = "4") -> Outcome | None:
    """Put an incident on hold until a vendor, or with ``reason`` 1 its caller, has done something; it stays open."""
    return _change(world, incident, {"state": "3", "hold_reason": reason})


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


def open_by_hand(
    world: World, correlation_id: str = "", short_description: str = "Reported by phone", sys_id: str = ""
) -> Outcome:
    """Open an incident by hand, perhaps with a correlation ID that others have, or a sys_id that was asked for."""
    model = model_of(world)
    values = {"short_description": short_description, "correlation_id": correlation_id}
    values |= {"sys_id": sys_id} if sys_id else {}
    row = world.instance.table.insert("incident", values)
    model.arrive(row["sys_id"], row["correlation_id"], row["state"])
    return done_by_hand(world, row["sys_id"], row)


# What people fill in who work on an incident: nothing of it is a connector's to change.
WORK = {
    "state": "2",
    "description": "Seen on three hosts since noon; the vendor knows.",
    "category": "hardware",
    "subcategory": "disk",
    "impact": "1",
    "urgency": "2",
    "severity": "1",
    "correlation_display": "By hand",
    "contact_type": "phone",
    "business_impact": "Nobody can print",
    "work_notes": "Called the vendor",
    "comments": "We are at it",
    "close_notes": "Not yet",
}
PEOPLE = ("caller_id", "assigned_to", "opened_by")


def work_on(world: World, incident: str) -> Outcome | None:
    """Work on an incident by hand: fill in every field that people have an opinion of, and take it over."""
    model = model_of(world)
    sys_id = resolve(world, incident)
    if sys_id is None or sys_id not in model.known:
        return None
    table = world.instance.table
    who, group = world.learned.get("worker", (None, None))
    if who is None:
        admin = table.rows("sys_user", f"user_name={world.instance.admin.user}", ("sys_id",), 1)
        groups = table.rows("sys_user_group", "active=true^ORDERBYname", ("sys_id",), 1)
        who, group = admin[0]["sys_id"] if admin else "", groups[0]["sys_id"] if groups else ""
        world.learned["worker"] = (who, group)
    values = {**WORK, **dict.fromkeys(PEOPLE, who), "assignment_group": group}

    def act() -> Answer:
        table.update("incident", sys_id, values)
        return DONE

    outcome = observed(world, act)
    model.known[sys_id].state = outcome.after.incidents[sys_id]["state"]
    judge_life(world, outcome.before.incidents[sys_id], outcome.after.incidents[sys_id], who, values)
    world.visited("an incident that people filled in")
    return outcome


def open_many(world: World, correlation_id: str, count: int) -> None:
    """Open so many incidents with one correlation ID by hand, and close all but the oldest."""
    model = model_of(world)
    closed = {"state": "7", "close_code": "Solution provided", "close_notes": "Closed by hand"}
    for place in range(count):
        values = {"short_description": "one of many", "correlation_id": correlation_id, **(closed if place else {})}
        row = world.instance.table.insert("incident", values)
        model.arrive(row["sys_id"], row["correlation_id"], row["state"])
        done_by_hand(world, row["sys_id"], row)
    world.visited("more incidents of one ID than a page holds")


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
    "hold_by_hand": hold_by_hand,
    "relabel_by_hand": relabel_by_hand,
    "edit_by_hand": edit_by_hand,
    "open_by_hand": open_by_hand,
    "delete_by_hand": delete_by_hand,
    "work_on": work_on,
    "open_many": open_many,
    "wait": wait,
}
