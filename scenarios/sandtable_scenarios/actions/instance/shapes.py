"""A plain client that writes and reads one record in every form of the Table API, and expects the same answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from sandtable_scenarios.checks.instance import keeping
from sandtable_scenarios.stage.pictures import look_again, model_of
from sandtable_scenarios.stage.world import World

TABLE = "incident"
REFERENCE = "opened_by"
FORMS: tuple[str | None, ...] = (None, "true", "false", "all", "ALL", "perhaps")
LINKS: tuple[str | None, ...] = (None, "true", "false")
FIELDS: tuple[str | None, ...] = (
    *(None, "number", "sys_id,number,opened_by", " state , impact,number", "opened_by.user_name,opened_by"),
    *("number,no_such_column", "", "short_description,short_description"),
)
# Columns that the answer to a read shows otherwise than that to the write before it.
HISTORIES = frozenset({"comments", "work_notes", "comments_and_work_notes", "work_notes_list"})


def write_and_read(world: World, form: str | None, links: str | None, fields: str | None) -> None:
    """Insert, read, list, change, replace and delete one incident in a form; each answer shows the record alike.

    ``form``, ``links`` and ``fields`` are sysparm_display_value, sysparm_exclude_reference_link and sysparm_fields,
    None where a call has no such parameter.
    """
    model_of(world)
    asked = {"sysparm_display_value": form, "sysparm_exclude_reference_link": links, "sysparm_fields": fields}
    params = {name: value for name, value in asked.items() if value is not None}
    table = world.instance.table
    made = table.call("POST", TABLE, params=params, body={"short_description": "as it is", "impact": "2"})
    _expect(world, made, 201)
    where = made.headers.get("Location", "")
    sys_id = where.rpartition("/")[2]
    world.check(keeping.ALIKE, f"/table/{TABLE}/" in where, "a Location of the new record", where)
    place = f"{TABLE}/{sys_id}"
    shown = _shown(world, made)
    _judge_form(world, shown, params)
    _same(world, shown, _read(world, place, params), "an insert and a read")
    rows = table.call("GET", TABLE, params={**params, "sysparm_query": f"sys_id={sys_id}"})
    _expect(world, rows, 200)
    listed = rows.json()["result"]
    world.check(keeping.ALIKE, len(listed) == 1, "one record", f"{len(listed)}")
    _same(world, listed[0], shown, "a list and an insert")
    for method, text in (("PATCH", "changed"), ("PUT", "changed again")):
        changed = table.call(method, place, params=params, body={"short_description": text})
        _expect(world, changed, 200)
        _same(world, _shown(world, changed), _read(world, place, params), f"a {method} and a read")
        kept = table.row(TABLE, sys_id) or {}
        told = kept.get("short_description")
        world.check(keeping.ALIKE, told == text, f"short_description {text!r}", f"{told!r}")
    gone = table.call("DELETE", place)
    _expect(world, gone, 204)
    world.check(keeping.ALIKE, not gone.content, "no body", gone.text[:80])
    look_again(world)


def _expect(world: World, answer: requests.Response, status: int) -> None:
    world.check(keeping.ALIKE, answer.status_code == status, f"status {status}", f"status {answer.status_code}")
    if answer.content:
        kind = answer.headers.get("Content-Type", "").lower().replace(" ", "")
        world.check(keeping.ALIKE, kind == "application/json;charset=utf-8", "JSON in UTF-8", kind)


def _shown(world: World, answer: requests.Response) -> dict[str, Any]:
    body = answer.json()
    world.check(keeping.ALIKE, list(body) == ["result"], "a result and no more", str(list(body)))
    return dict(body["result"])


def _read(world: World, place: str, params: Mapping[str, str]) -> dict[str, Any]:
    answer = world.instance.table.call("GET", place, params=params)
    _expect(world, answer, 200)
    return _shown(world, answer)


def _same(world: World, one: Mapping[str, Any], other: Mapping[str, Any], what: str) -> None:
    names = {name for name in {*one, *other} if name not in HISTORIES}
    odd = sorted(
        f"{name} {one.get(name)!r} and {other.get(name)!r}" for name in names if one.get(name) != other.get(name)
    )
    world.check(keeping.ALIKE, not odd, f"{what} alike", "; ".join(odd)[:240])


def _judge_form(world: World, shown: Mapping[str, Any], params: Mapping[str, str]) -> None:
    """Check which columns an answer shows, and that a reference and another column have the form that was asked for."""
    wanted = [name.strip() for name in params.get("sysparm_fields", "").split(",") if name.strip()]
    if wanted:
        known = {name for name in wanted if name != "no_such_column"}
        world.check(keeping.ALIKE, set(shown) == known, f"the columns {sorted(known)}", str(sorted(shown))[:200])
    form = params.get("sysparm_display_value", "false").lower()
    without = params.get("sysparm_exclude_reference_link") == "true"
    forms = {
        "all": {"display_value", "value"} | (set() if without else {"link"}),
        "true": None if without else {"display_value", "link"},
    }
    of_reference = forms.get(form, None if without else {"link", "value"})
    of_others = {"display_value", "value"} if form == "all" else None
    for name, value in shown.items():
        if name not in (REFERENCE, "number", "state", "impact"):
            continue
        members = of_reference if name == REFERENCE else of_others
        found = set(value) if isinstance(value, dict) else None
        told = "a text" if found is None else f"{sorted(found)}"
        world.check(keeping.ALIKE, found == members, f"{name} as {sorted(members) if members else 'a text'}", told)


ACTIONS = {"write_and_read": write_and_read}
