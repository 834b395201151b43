"""A plain client that posts rows to the application's staging table, and looks at what the instance makes of them."""

from __future__ import annotations

from typing import Any

import requests

from sandtable_scenarios.actions.incidents import follow, resolve
from sandtable_scenarios.checks.instance import importing, keeping
from sandtable_scenarios.models.incidents import LONGEST_CORRELATION_ID
from sandtable_scenarios.stage.pictures import Outcome, look_again, model_of, observed
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.wire import HEALTH, IMPORT

LONGEST_SHORT_DESCRIPTION = 160


def _posted(world: World, row: dict[str, Any]) -> tuple[Outcome, requests.Response]:
    answers: list[requests.Response] = []
    integration = world.instance.integration

    def act() -> dict[str, Any]:
        answers.append(
            world.instance.wire.send("POST", IMPORT, user=(integration.user, integration.password), json=row)
        )
        return {"status": "ok", "data": None}

    return observed(world, act), answers[0]


def _row_of(world: World, response: requests.Response) -> dict[str, Any]:
    world.check(importing.ANSWER, response.status_code == 201, "status 201", f"{response.status_code}")
    body = response.json()
    world.check(importing.ANSWER, str(body.get("import_set", "")).startswith("ISET"), "an import set", str(body)[:160])
    rows = body.get("result") or [{}]
    world.check(importing.ANSWER, len(rows) == 1, "one row", f"{len(rows)} rows")
    return dict(rows[0])


def stage(
    world: World,
    correlation_id: str | None,
    text: str = "CPU is high",
    note: str | None = None,
    incident: str | None = None,
    state: str | None = None,
    description: str | None = None,
) -> None:
    """Post one row, and judge the answer and what became of the incidents.

    ``incident`` is the incident to name in elastic_incident_id, as ``#n`` or a sys_id.
    """
    model = model_of(world)
    target = resolve(world, incident)
    row: dict[str, Any] = {
        "u_short_description": text,
        "u_description": description,
        "u_correlation_id": correlation_id,
    }
    row |= {"u_work_notes": note} if note is not None else {}
    row |= {"u_state": state} if state is not None else {}
    row |= {"elastic_incident_id": target} if target is not None else {}
    stored = (correlation_id or "")[:LONGEST_CORRELATION_ID]
    matching = model.pushed_to(stored)
    outcome, response = _posted(world, row)
    answer = _row_of(world, response)
    change = outcome.change
    if target is not None and target not in outcome.before.incidents:
        world.visited("a row for an incident that is gone")
        refused = answer.get("status") == "error" and bool(answer.get("error_message"))
        world.check(importing.PRECEDENCE, refused, "status error with a message", str(answer)[:200])
        world.check(importing.PRECEDENCE, not change.touched, "nothing changed", str(change))
        return
    written = _written(world, outcome, stored, matching, target)
    unchanged = written not in change.touched
    expected = "inserted" if written in change.created else "ignored" if unchanged else "updated"
    _judge_answer(world, outcome, answer, written, expected)
    _judge_values(world, outcome, written, text, stored, description, changed=bool(stored) and target is None)
    _judge_notes(world, outcome, written, note)
    follow(model, outcome)


def _written(world: World, outcome: Outcome, stored: str, matching: frozenset[str], target: str | None) -> str:
    change, model = outcome.change, model_of(world)
    if target is not None:
        world.visited("a row that names its incident")
        world.check(importing.PRECEDENCE, change.touched <= {target}, f"only {target} touched", str(change))
        return target
    if not stored:
        world.visited("a row without a correlation ID")
        inserted = len(change.created) == 1 and not change.changed
        world.check(importing.BLANK, inserted, "one new incident", str(change))
        return change.created[0]
    if not matching:
        closed = bool(model.matching(stored))
        rule = importing.CLOSED if closed else importing.COALESCE
        world.visited("a row whose incident is closed, inserted" if closed else "a row that inserts")
        inserted = len(change.created) == 1 and not change.changed
        world.check(rule, inserted, "one new incident", str(change))
        return change.created[0]
    known = [model.known[sys_id] for sys_id in model.known if sys_id in matching]
    wanted = known[-1] if model.policy.several_matches == "newest" else known[0]
    rule = importing.SEVERAL if len(known) > 1 else importing.COALESCE if wanted.is_open else importing.CLOSED
    world.visited(f"a row that updates ({'several' if len(known) > 1 else 'open' if wanted.is_open else 'closed'})")
    world.check(rule, change.touched <= {wanted.sys_id}, "one incident updated, the right one", str(change))
    if not wanted.is_open:
        state = outcome.after.incidents[wanted.sys_id]["state"]
        world.check(importing.CLOSED, state == wanted.state, f"state {wanted.state}", f"state {state}")
    return wanted.sys_id


def _judge_answer(world: World, outcome: Outcome, answer: dict[str, Any], written: str, expected: str) -> None:
    row = outcome.after.incidents[written]
    told = {name: value for name, value in answer.items() if name not in ("transform_map", "status_message")}
    wanted = {
        "status": expected,
        "sys_id": written,
        "table": "incident",
        "display_name": "number",
        "display_value": row["number"],
        "record_link": f"{world.instance.base_url}/api/now/table/incident/{written}",
    }
    world.check(importing.ANSWER, told == wanted, str(wanted), str(told))


def _judge_values(
    world: World,
    outcome: Outcome,
    written: str,
    text: str,
    stored: str,
    description: str | None,
    *,
    changed: bool,
) -> None:
    row = outcome.after.incidents[written]
    kept = text[:LONGEST_SHORT_DESCRIPTION]
    found = row["short_description"]
    world.check(importing.KEPT, found == kept, f"short_description {kept!r}", f"{found!r}")
    if changed:
        found = row["correlation_id"]
        same = found.casefold() == stored.casefold()
        world.check(importing.KEPT, same, f"correlation_id {stored!r}", f"{found!r}")
    if description is None and written in outcome.before.incidents:
        description = outcome.before.incidents[written]["description"]
    found = row["description"]
    world.check(importing.KEPT, found == (description or ""), f"description {description!r}", f"{found!r}")


def _judge_notes(world: World, outcome: Outcome, written: str, note: str | None) -> None:
    before, after = outcome.before.notes.get(written, ()), outcome.after.notes.get(written, ())
    expected = (*before, note) if note else before
    world.check(importing.NOTES, after == expected, f"work notes {expected}", f"work notes {after}")


CHOOSING = ("category", "impact", "urgency", "severity")


def stage_named(world: World, element: str, case: str = "as it is") -> None:
    """Post a row that names a choice by its label, in one case or another, and an opener by user name."""
    table, admin = world.instance.table, world.instance.admin.user
    query = f"nameINtask,incident^element={element}^language=en^inactive=false^ORDERBYvalue"
    rows = table.rows("sys_choice", query, ("label", "value"), 1)
    world.require(rows)
    label = rows[0]["label"]
    label = {"in capitals": label.upper(), "in small letters": label.lower()}.get(case, label)
    row = {"u_short_description": "by name", "u_correlation_id": "r:named", f"u_{element}": label, "u_opened_by": admin}
    outcome, _ = _posted(world, row)
    made = outcome.change.created
    world.check(importing.COALESCE, len(made) == 1, "one new incident", str(outcome.change))
    found = {name: outcome.after.incidents[made[0]][name] for name in (element, "opened_by")}
    wanted = {element: rows[0]["value"], "opened_by": world.learned.get("administrator", found["opened_by"])}
    world.check(importing.NAMED, found == wanted, f"{label!r} by {admin} as {wanted}", str(found))
    follow(model_of(world), outcome)


def try_without_privilege(world: World) -> None:
    """Ask the application's resource and post a row while it lacks a privilege: one of them is refused."""
    integration = world.instance.integration
    health = world.instance.wire.send("GET", HEALTH, user=(integration.user, integration.password))
    outcome, response = _posted(world, {"u_short_description": "without", "u_correlation_id": "r:without"})
    rows = response.json().get("result") or [{}]
    refused = not response.ok or rows[0].get("status") == "error"
    said = f"health {health.status_code}, row {rows[0].get('status')!r}"
    world.check(importing.SCOPED, refused or not health.ok, "a refusal", said)
    change = outcome.change
    world.check(importing.SCOPED, not (refused and change.touched), "nothing written by a refused row", str(change))
    follow(model_of(world), outcome)


def look_after(world: World) -> None:
    """Look at all incidents at once: numbers, states and times belong together."""
    rows = list(look_again(world).incidents.values())
    numbers = [row["number"] for row in rows]
    world.check(keeping.NUMBERS, len(set(numbers)) == len(numbers), "a number each", str(sorted(numbers)))
    odd = [number for number in numbers if not (number.startswith("INC") and number[3:].isdigit())]
    world.check(keeping.NUMBERS, not odd, "INC and digits", str(odd))
    order = [world.facts["incidents"].known[row["sys_id"]].arrival for row in sorted(rows, key=_number_of)]
    world.check(keeping.NUMBERS, order == sorted(order), "later incidents with higher numbers", str(order))
    for row in rows:
        ended = row["state"] in ("7", "8")
        world.check(
            keeping.ACTIVE,
            row["active"] == str(not ended).lower() and bool(row["closed_at"]) == ended,
            f"state {row['state']}: active {str(not ended).lower()}, {'a' if ended else 'no'} closing time",
            f"active {row['active']}, closed_at {row['closed_at']!r}",
        )
        by = "somebody" if ended else "nobody"
        told = f"closed_by {row['closed_by']!r}"
        world.check(keeping.ACTIVE, bool(row["closed_by"]) == ended, f"state {row['state']}: closed by {by}", told)


def _number_of(row: Any) -> int:
    digits = str(row["number"])[3:]
    return int(digits) if digits.isdigit() else 0


ACTIONS = {
    "stage": stage,
    "stage_named": stage_named,
    "try_without_privilege": try_without_privilege,
    "look_after": look_after,
}
