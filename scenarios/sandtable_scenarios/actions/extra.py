"""Pushes that go beyond the plain ones: additional fields, deprecated connectors, cases."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandtable_scenarios.actions.access import grant
from sandtable_scenarios.actions.connector.connecting import connection, execute, troubled
from sandtable_scenarios.actions.incidents import follow, resolve
from sandtable_scenarios.actions.opening import written_rows
from sandtable_scenarios.checks import additional, closing, correlation, deprecated, notes, pushes
from sandtable_scenarios.models.incidents import CLOSED
from sandtable_scenarios.stage.pictures import Outcome, model_of, observed
from sandtable_scenarios.stage.world import World

CLOSE_CODE = "Closed/Resolved by Caller"
# The incident's own fields fill these, be it with nothing.
OWN_COLUMNS = frozenset(f"u_{name}" for name in pushes.COPIED)


def _push(world: World, incident: Mapping[str, Any]) -> Outcome:
    model = model_of(world)
    outcome = observed(world, lambda: execute(world, "pushToService", {"incident": dict(incident)}))
    follow(model, outcome)
    return outcome


def push_additional(
    world: World,
    fields: Any,
    expected: Mapping[str, str],
    correlation_id: str = "r:a",
    external_id: str | None = None,
) -> None:
    """Push with additional fields, an object or JSON text; ``expected`` are columns of the incident that they fill.

    Every row that is written for the push carries each of them under its name, with its value as JSON has it.
    """
    incident = {"short_description": "CPU is high", "correlation_id": correlation_id, "additional_fields": fields}
    if external_id is not None:
        incident["externalId"] = resolve(world, external_id)
    control = world.instance.control
    seen = len(control.requests()) if control is not None else 0
    outcome = _push(world, incident)
    world.check(additional.STORED, outcome.ok, "the answer ok", outcome.said)
    parsed = json.loads(fields) if isinstance(fields, str) else fields
    given = {name: value for name, value in parsed.items() if name not in OWN_COLUMNS}
    for row in written_rows(control.requests()[seen:]) if control is not None else ():
        told = {name: row[name] for name in given if name in row}
        world.check(additional.STORED, told == given, f"{given!s:.200} in the row", f"{told!s:.200} in it")
    additional.judge_extra(world, outcome, str(outcome.data.get("id", "")), expected)


def push_overriding(world: World, fields: Mapping[str, str], correlation_id: str = "r:a", **given: str) -> None:
    """Push with additional fields that collide with fields of the incident, ``given`` there or not."""
    own = {"short_description": "CPU is high", "correlation_id": correlation_id, **given}
    outcome = _push(world, {**own, "additional_fields": dict(fields)})
    world.check(additional.BASE_WINS, outcome.ok, "the answer ok", outcome.said)
    row = outcome.after.incidents.get(str(outcome.data.get("id", "")), {})
    before = outcome.before.incidents.get(str(outcome.data.get("id", "")), world.learned.get("blank incident", {}))
    for name in (column.removeprefix("u_") for column in fields):
        if name not in own and name in ("caller_id", "opened_by"):
            continue  # judged at the end of the story, by what was sent
        wanted, found = own.get(name, before.get(name, "")), row.get(name)
        world.check(additional.BASE_WINS, found == wanted, f"{name} {wanted!r}", f"{name} {found!r}", soft=True)


def push_unacceptable(world: World, fields: Any) -> None:
    """Push with additional fields that must be refused."""
    incident = {"short_description": "CPU is high", "correlation_id": "r:a", "additional_fields": fields}
    outcome = _push(world, incident)
    world.check(additional.REFUSED, not outcome.ok, "an error", outcome.said)
    world.check(additional.REFUSED, not outcome.change.touched, "nothing written", str(outcome.change))


def use_table_api(world: World, told: bool = True) -> None:
    """Go on as a deprecated connector, which writes to the incident table itself.

    Not ``told``, the configuration has no usesTableApi, as connectors have that are older than the setting.
    """
    made = connection(world)
    made["config"]["usesTableApi"] = True
    if not told:
        del made["config"]["usesTableApi"]
    made["connector_id"] = "rehearsal-deprecated"
    table = world.instance.table
    grant(world, "itil")
    # Instances from the time of these connectors have this resolution code; later ones dropped it from the list.
    code = {"name": "incident", "element": "close_code", "value": CLOSE_CODE, "label": CLOSE_CODE, "language": "en"}
    table.insert("sys_choice", code)


def push_deprecated(
    world: World, correlation_id: str | None = "r:a", external_id: str | None = None, text: str = "CPU is high"
) -> None:
    """Push as a deprecated connector: an insert, or an update of the incident that the external ID names."""
    model = model_of(world)
    target = resolve(world, external_id)
    incident: dict[str, Any] = {"short_description": text, "correlation_id": correlation_id}
    if target is not None:
        incident["externalId"] = target
    known = len(model.matching(correlation_id))
    outcome = _push(world, incident)
    change = outcome.change
    world.check(deprecated.WORKS, outcome.ok, "the answer ok", outcome.said)
    if target is None:
        rule = deprecated.NO_COALESCE if known else deprecated.WORKS
        world.visited("a deprecated push of an ID that is known" if known else "a deprecated push of a new ID")
        world.check(rule, len(change.created) == 1 and not change.changed, "one new incident", str(change))
        written = change.created[0]
    else:
        world.check(deprecated.WORKS, change.touched == {target}, f"{target} updated and nothing else", str(change))
        written = target
    row = outcome.after.incidents[written]
    kept = row["short_description"] == text and row["correlation_id"] == (correlation_id or "")
    world.check(deprecated.WORKS, kept, f"{text!r} and {correlation_id!r} stored", str(dict(row))[:200])
    world.check(correlation.RESULT, outcome.data.get("id") == written, f"id {written}", f"{outcome.data.get('id')!r}")


def close_deprecated(world: World, correlation_id: str) -> None:
    """Close as a deprecated connector."""
    model = model_of(world)
    wanted = model.closed_by(correlation_id)
    parameters = {"incident": {"correlation_id": correlation_id, "externalId": None}}
    outcome = observed(world, lambda: execute(world, "closeIncident", parameters))
    touched = outcome.change.touched
    if wanted is None:
        world.check(closing.NOTHING, not touched, "nothing changed", str(outcome.change))
    else:
        state = outcome.after.incidents[wanted.sys_id]["state"]
        several = len(model.matching(correlation_id)) > 1
        rule = closing.LATEST_OPEN if several else deprecated.CLOSES
        world.check(rule, state == CLOSED, f"state {CLOSED}", f"state {state}; {outcome.said}")
        world.check(correlation.BYSTANDERS, touched <= {wanted.sys_id}, "no other incident", str(outcome.change))
        closing.judge_rest(world, outcome, wanted.sys_id)
    follow(model, outcome)


def push_additional_deprecated(world: World, fields: Mapping[str, str]) -> None:
    """Push additional fields as a deprecated connector."""
    incident = {"short_description": "CPU is high", "correlation_id": "r:z", "additional_fields": dict(fields)}
    outcome = _push(world, incident)
    refused = not outcome.ok and not outcome.change.touched
    world.check(deprecated.NO_ADDITIONAL, refused, "an error, nothing written", f"{outcome.said}; {outcome.change}")


def push_case(world: World, case: str, title: str, comments: Sequence[Mapping[str, str]] = ()) -> None:
    """Push a case as the Cases application does: by the external ID of its last push, with comments not yet pushed.

    ``comments`` are all comments of the case, each with ``id`` and ``text``; one whose text was edited since is new.
    """
    pushed: dict[str, Any] = world.facts.setdefault("cases", {}).setdefault(case, {"id": None, "comments": {}})
    fresh = [entry for entry in comments if pushed["comments"].get(entry["id"]) != entry["text"]]
    model = model_of(world)
    target = pushed["id"]
    incident: dict[str, Any] = {
        "short_description": title,
        "description": f"{title}\n\nAdded by the story.",
        "correlation_id": case,
        "correlation_display": "Elastic Case",
        "externalId": target,
    }
    parameters = {
        "incident": incident,
        "comments": [{"commentId": entry["id"], "comment": entry["text"]} for entry in fresh],
    }
    candidates = model.pushed_to(case)
    outcome = observed(world, lambda: execute(world, "pushToService", parameters))
    texts = [entry["text"] for entry in fresh]
    if troubled(world, outcome.answer):
        pushes.judge_troubled(world, outcome, incident, candidates, target, texts)
        follow(model, outcome)
        return
    pushes.judge_push(world, outcome, incident, candidates, target, texts)
    notes.judge_comments(world, outcome, texts, ids=[entry["id"] for entry in fresh])
    follow(model, outcome)
    pushed["id"] = outcome.data["id"]
    pushed["comments"] |= {entry["id"]: entry["text"] for entry in fresh}
    world.visited("a case is pushed again" if target else "a case is pushed for the first time")


ACTIONS = {
    "push_additional": push_additional,
    "push_overriding": push_overriding,
    "push_unacceptable": push_unacceptable,
    "use_table_api": use_table_api,
    "push_deprecated": push_deprecated,
    "close_deprecated": close_deprecated,
    "push_additional_deprecated": push_additional_deprecated,
    "push_case": push_case,
}
