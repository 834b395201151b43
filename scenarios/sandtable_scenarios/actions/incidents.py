"""What a rule or a person at the connector does: push, close, and read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandtable_scenarios.actions.connecting import execute
from sandtable_scenarios.checks import closing, correlation, notes
from sandtable_scenarios.models.incidents import Incidents
from sandtable_scenarios.pictures import Outcome, model_of, observed
from sandtable_scenarios.world import World


def push(
    world: World,
    correlation_id: str | None = None,
    short_description: str = "CPU is high",
    comments: Sequence[str] = (),
    external_id: str | None = None,
    omitted: bool = False,
    **fields: Any,
) -> Outcome:
    """Push an alert and judge what came of it.

    ``external_id`` names the incident to update by the order of its arrival (``"#0"``) or by sys_id. An ``omitted``
    correlation ID is not even sent as null.
    """
    model = model_of(world)
    incident: dict[str, Any] = {"short_description": short_description, **fields}
    if not omitted:
        incident["correlation_id"] = correlation_id
    target = resolve(world, external_id)
    if target is not None:
        incident["externalId"] = target
    parameters: dict[str, Any] = {"incident": incident}
    if comments:
        parameters["comments"] = [{"commentId": str(place), "comment": text} for place, text in enumerate(comments)]
    candidates = model.pushed_to(correlation_id)
    outcome = observed(world, lambda: execute(world, "pushToService", parameters))
    correlation.judge_push(world, outcome, incident, candidates, target)
    notes.judge_comments(world, outcome, comments)
    follow(model, outcome)
    return outcome


def follow(model: Incidents, outcome: Outcome) -> None:
    """Let the oracle know what an action did, once it was judged."""
    for sys_id in outcome.change.created:
        row = outcome.after.incidents[sys_id]
        model.arrive(sys_id, row["correlation_id"], row["state"])
    for sys_id in outcome.change.changed:
        if sys_id in model.known:
            row = outcome.after.incidents[sys_id]
            model.known[sys_id].correlation_id = row["correlation_id"]
            model.known[sys_id].state = row["state"]


def close(world: World, correlation_id: str | None = None, external_id: str | None = None) -> Outcome:
    """Let a recovered alert close its incident, and judge what came of it."""
    model = model_of(world)
    target = resolve(world, external_id)
    incident = {"correlation_id": correlation_id, "externalId": target}
    wanted = model.closed_by(correlation_id) if target is None else model.known.get(target)
    matching = [incident.sys_id for incident in model.matching(correlation_id)]
    latest = matching[-1] if target is None and matching else target if target in model.known else None
    found = "no match" if not matching else "one match" if len(matching) == 1 else "several matches"
    world.visited(f"close with {'an external id' if target else found}")
    outcome = observed(world, lambda: execute(world, "closeIncident", {"incident": incident}))
    open_one = wanted.sys_id if wanted and wanted.is_open else None
    closing.judge_close(world, outcome, correlation_id, target, open_one, latest)
    follow(model, outcome)
    return outcome


def resolve(world: World, external_id: str | None) -> str | None:
    """Return the sys_id that ``#n`` stands for: the n-th incident of the story; other texts stand for themselves."""
    if external_id is None or not external_id.startswith("#"):
        return external_id
    known = list(model_of(world).known)
    place = int(external_id[1:])
    return known[place % len(known)] if known else None


ACTIONS = {"push": push, "close": close}
