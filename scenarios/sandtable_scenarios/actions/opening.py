"""Who a new incident says opened it, and for whom: the record tells, and so does what the connector sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandtable_scenarios.actions.connector.connecting import connection, execute
from sandtable_scenarios.actions.credentials import user_record
from sandtable_scenarios.actions.incidents import follow
from sandtable_scenarios.checks.correlation import NO_ID, OPENED
from sandtable_scenarios.stage.pictures import model_of, observed
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.wire import IMPORT

PEOPLE = ("opened_by", "caller_id")
INSERT = "/table/incident"


def open_as_connector(world: World, correlation_id: str) -> None:
    """Push an alert that no incident is about, and look at who opened the new one."""
    model = model_of(world)
    incident = {"short_description": "CPU is high", "correlation_id": correlation_id}
    control = world.require_control()
    seen = len(control.requests())
    outcome = observed(world, lambda: execute(world, "pushToService", {"incident": incident}))
    sent = control.requests()[seen:]
    created = outcome.change.created
    world.check(OPENED, outcome.ok and len(created) == 1, "one new incident", f"{outcome.said}; {outcome.change}")
    row = outcome.after.incidents[created[0]]
    user = user_record(world)
    # A reference that came over the Table API stands as it was given: no choice of ours, the platform does so.
    known = (user["sys_id"], user["user_name"])
    world.check(OPENED, row["opened_by"] in known, f"opened by {known[1]}", f"opened by {row['opened_by']!r}")
    signed_in_by_name = not connection(world)["config"]["isOAuth"]
    if signed_in_by_name:
        world.check(OPENED, row["caller_id"] in known, f"caller {known[1]}", f"caller {row['caller_id']!r}")
        for body in written_rows(sent):
            told = {name: body.get(f"u_{name}", body.get(name)) for name in PEOPLE}
            wanted = dict.fromkeys(PEOPLE, user["user_name"])
            world.check(OPENED, told == wanted, f"{wanted} sent", f"{told} sent")
    world.visited("a new incident by name and password" if signed_in_by_name else "a new incident by a key")
    follow(model, outcome)


def push_for_no_id(world: World, correlation_id: str | None) -> None:
    """Push with an external ID that is empty; only what the correlation ID is about may change."""
    model = model_of(world)
    incident = {"short_description": "for no ID", "correlation_id": correlation_id, "externalId": ""}
    control = world.require_control()
    seen = len(control.requests())
    allowed = model.pushed_to(correlation_id)
    outcome = observed(world, lambda: execute(world, "pushToService", {"incident": incident}))
    change = outcome.change
    if connection(world)["config"]["usesTableApi"]:
        refused = not outcome.ok and not change.touched
        world.visited("an empty external ID without the application")
        world.check(NO_ID, refused, "an error, and nothing written", f"{outcome.said}; {change}")
        return
    world.visited("an empty external ID with the application")
    strangers = frozenset(change.changed) - allowed
    world.check(NO_ID, not strangers, "no incident of another ID changed", str(change))
    world.check(NO_ID, not (allowed and change.created), "no second incident", str(change))
    for body in written_rows(control.requests()[seen:]):
        named = {name: body[f"u_{name}"] for name in PEOPLE if body.get(f"u_{name}")}
        world.check(NO_ID, not named, "a row that names no people, as an update does", f"{named} sent")
    follow(model, outcome)


def written_rows(sent: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows and records that a connector posted, from the journal's entries."""
    bodies = (
        json.loads(exchange["request_body"])
        for exchange in sent
        if exchange["method"] == "POST" and exchange["path"].endswith((IMPORT, INSERT))
    )
    return [body for body in bodies if isinstance(body, dict)]


ACTIONS = {"open_as_connector": open_as_connector, "push_for_no_id": push_for_no_id}
