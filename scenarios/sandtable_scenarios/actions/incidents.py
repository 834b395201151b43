"""What a rule or a person at the connector does: push, close, and read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sandtable_scenarios.actions.connector.connecting import execute, troubled
from sandtable_scenarios.actions.connector.values import note_values
from sandtable_scenarios.checks import closing, correlation, notes, pushes
from sandtable_scenarios.models.incidents import Incidents
from sandtable_scenarios.stage.pictures import Outcome, model_of, observed
from sandtable_scenarios.stage.world import World


def push(
    world: World,
    correlation_id: str | None = None,
    short_description: str = "CPU is high",
    comments: Sequence[str] = (),
    external_id: str | None = None,
    omitted: bool = False,
    comment_ids: Sequence[str] = (),
    additional_fields: Any = None,
    **fields: Any,
) -> Outcome:
    """Push an alert and judge what came of it; where something goes wrong by plan, an error is an answer too.

    ``external_id`` names the incident to update by the order of its arrival (``"#0"``) or by sys_id. An ``omitted``
    correlation ID is not even sent as null. Comments without ``comment_ids`` are called by their place.
    """
    model = model_of(world)
    incident: dict[str, Any] = {"short_description": short_description, **fields}
    if not omitted:
        incident["correlation_id"] = correlation_id
    target = resolve(world, external_id)
    if target is not None:
        # An incident that was deleted meanwhile is another matter, see `push_to_stranger`.
        world.require(target in model.known)
        incident["externalId"] = target
    if additional_fields is not None:
        incident["additional_fields"] = additional_fields
    parameters: dict[str, Any] = {"incident": incident}
    if comments:
        comment_ids = list(comment_ids) or [str(place) for place in range(len(comments))]
        world.require(len(comment_ids) >= len(comments))
        parameters["comments"] = [
            {"commentId": comment_id, "comment": text} for comment_id, text in zip(comment_ids, comments, strict=False)
        ]
    candidates = model.pushed_to(correlation_id)
    note_values(world, "a push", incident, comments)
    outcome = observed(world, lambda: execute(world, "pushToService", parameters))
    if troubled(world, outcome.answer):
        pushes.judge_troubled(world, outcome, incident, candidates, target, comments)
    else:
        pushes.judge_push(world, outcome, incident, candidates, target, comments)
        notes.judge_comments(world, outcome, comments, ids=list(comment_ids)[: len(comments)])
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
    note_values(world, "a close", incident)
    outcome = observed(world, lambda: execute(world, "closeIncident", {"incident": incident}))
    open_one = wanted.sys_id if wanted and wanted.is_open else None
    closing.judge_close(
        world, outcome, correlation_id, target, open_one, latest, troubled=troubled(world, outcome.answer)
    )
    follow(model, outcome)
    return outcome


def push_to_stranger(world: World, external_id: str, correlation_id: str | None = None) -> None:
    """Push to a sys_id that no incident has: an error, and nothing touched.

    ``{#n}`` in it is the n-th incident's sys_id, ``{#n.column}`` another value of it, ``{problem}`` that of a problem.
    """
    incident = {
        "short_description": "to a stranger",
        "correlation_id": correlation_id,
        "externalId": _filled(world, external_id),
    }
    outcome = observed(world, lambda: execute(world, "pushToService", {"incident": incident}))
    world.visited("push with an external ID of nobody")
    untouched = not outcome.change.touched
    world.check(correlation.STRANGE_ID, untouched, "nothing changed", f"{outcome.change}; {outcome.said}")
    world.check(correlation.STRANGE_ID, not outcome.ok, "an error", outcome.said)
    follow(model_of(world), outcome)


def close_stranger(world: World, external_id: str) -> None:
    """Close a sys_id that no incident has: nothing touched, and none reported; see `push_to_stranger`."""
    incident = {"correlation_id": None, "externalId": _filled(world, external_id)}
    outcome = observed(world, lambda: execute(world, "closeIncident", {"incident": incident}))
    world.visited("close with an external ID of nobody")
    world.check(closing.INJECTION, not outcome.change.touched, "nothing changed", f"{outcome.change}; {outcome.said}")
    told = outcome.data.get("id")
    world.check(closing.INJECTION, not told, "no incident reported", f"id {told!r}")
    follow(model_of(world), outcome)


def _filled(world: World, external_id: str) -> str:
    if "{problem}" in external_id:
        made = world.instance.table.insert("problem", {"short_description": "no incident"})
        external_id = external_id.replace("{problem}", made["sys_id"])

    def value(found: re.Match[str]) -> str:
        sys_id = resolve(world, found[1]) or ""
        return world.facts["picture"].incidents[sys_id][found[2]] if found[2] and sys_id else sys_id

    return re.sub(r"\{(#\d+)(?:\.(\w+))?\}", value, external_id)


def resolve(world: World, external_id: str | None) -> str | None:
    """Return the sys_id that ``#n`` stands for: the n-th incident of the story; other texts stand for themselves."""
    if external_id is None or not external_id.startswith("#"):
        return external_id
    known = list(model_of(world).known)
    place = int(external_id[1:])
    return known[place % len(known)] if known else None


ACTIONS = {
    "push": push,
    "close": close,
    "push_to_stranger": push_to_stranger,
    "close_stranger": close_stranger,
}
