"""Looking at an instance from outside, and what one action did to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sandtable_scenarios.models.incidents import Difference, Incidents, Picture, Policy, difference
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.connectors import Answer

SWITCHES = "sandtable.elastic_itsm."
# Texts that the platform puts together of journal lines, which are pictured for themselves.
HISTORIES = ("comments", "work_notes", "comments_and_work_notes", "work_notes_list")
WORK_NOTES = "work_notes"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one action did: the connector's answer, and the instance before and after."""

    before: Picture
    after: Picture
    answer: Answer = field(default_factory=lambda: {"status": "ok", "data": None})

    @property
    def ok(self) -> bool:
        """Whether the connector says that it succeeded."""
        return bool(self.answer["status"] == "ok")

    @property
    def data(self) -> dict[str, Any]:
        """The data of the answer, as an object."""
        data = self.answer.get("data")
        return data if isinstance(data, dict) else {}

    @property
    def change(self) -> Difference:
        """What changed on the instance."""
        return difference(self.before, self.after)

    @property
    def said(self) -> str:
        """The answer in a few words."""
        if self.ok:
            return f"the answer ok with {self.answer.get('data')!r}"
        return f"the answer error: {self.answer.get('service_message') or self.answer.get('message')!s}"


def photograph(world: World) -> Picture:
    """Return a picture of the incidents with all their columns, and of what was written beside them."""
    table = world.instance.table
    scope = world.instance.scope
    rows = table.rows("incident", f"{scope}ORDERBYsys_created_on")
    incidents = {row["sys_id"]: _columns(row) for row in rows}
    last: Picture | None = world.facts.get("picture")
    if last is not None and all(_stamp(row) == _stamp(last.incidents.get(key)) for key, row in incidents.items()):
        # A note is a change of its incident: where none changed, no note came.
        return Picture(incidents, last.notes, last.comments)
    notes: dict[str, list[str]] = defaultdict(list)
    others: dict[str, list[str]] = defaultdict(list)
    journal = table.rows(
        "sys_journal_field", f"{scope}name=incident^ORDERBYsys_created_on", ("element", "element_id", "value")
    )
    for line in journal:
        kept = notes if line["element"] == WORK_NOTES else others
        kept[line["element_id"]].append(line["value"])
    return Picture(
        incidents,
        {key: tuple(lines) for key, lines in notes.items()},
        {key: tuple(lines) for key, lines in others.items()},
    )


def _stamp(row: Mapping[str, str] | None) -> tuple[str, str] | None:
    return None if row is None else (row["sys_mod_count"], row["sys_updated_on"])


def _columns(row: dict[str, str]) -> dict[str, str]:
    for name in HISTORIES:
        row.pop(name, None)
    return row


def policy_of(setting: Mapping[str, Any]) -> Policy:
    """Return what the oracle must know of the switches that a story begins with."""
    properties = setting.get("properties") or {}
    return Policy(
        coalesce_closed=properties.get(f"{SWITCHES}coalesce_closed_incidents", "true") == "true",
        several_matches=properties.get(f"{SWITCHES}several_matches", "oldest"),
        carries_reasons=properties.get(f"{SWITCHES}close_rows", "absent") == "present",
    )


def model_of(world: World) -> Incidents:
    """Return the oracle of this story, making it, and looking at what is there already, when the story begins."""
    model: Incidents | None = world.facts.get("incidents")
    if model is None:
        model = world.facts["incidents"] = Incidents(policy_of(world.story.setting))
        picture = world.facts["picture"] = _first_picture(world)
        for row in picture.incidents.values():
            model.arrive(row["sys_id"], row["correlation_id"], row["state"])
    return model


def _first_picture(world: World) -> Picture:
    """Return the picture that a story begins with: an instance that goes back to its baseline shows it each time."""
    if world.instance.control is None:
        return photograph(world)
    picture: Picture | None = world.learned.get("first picture")
    if picture is None:
        picture = world.learned["first picture"] = photograph(world)
    return picture


def observed(world: World, act: Callable[[], Answer]) -> Outcome:
    """Run something between two pictures."""
    model_of(world)
    before = world.facts["picture"]
    answer = act()
    after = photograph(world)
    world.facts["picture"] = after
    if world.instance.control is None:
        # Nothing can be put back there, so whatever came into being is taken away again.
        for sys_id in difference(before, after).created:
            world.undo_later(partial(world.instance.table.delete, "incident", sys_id))
    return Outcome(before, after, answer)


def look_again(world: World) -> Picture:
    """Return a new picture after what the story itself did to the instance; what a connector does next starts there."""
    return observed(world, lambda: {"status": "ok", "data": None}).after


def done_by_hand(world: World, sys_id: str, row: dict[str, str]) -> Outcome:
    """Return what a person did to one incident, from the row that the instance answered; no new picture is taken."""
    model_of(world)
    before: Picture = world.facts["picture"]
    after = Picture({**before.incidents, sys_id: _columns(row)}, before.notes, before.comments)
    world.facts["picture"] = after
    if world.instance.control is None and sys_id not in before.incidents:
        world.undo_later(partial(world.instance.table.delete, "incident", sys_id))
    return Outcome(before, after)


def learn_blank(world: World) -> None:
    """Learn what an instance fills in by itself, from incidents with nothing but a text that a plain client inserts."""
    user = world.instance.integration.user
    found = world.instance.table.rows("sys_user", f"user_name={user}", ("sys_id",), 1)
    world.learned["integration user"] = found[0]["sys_id"] if found else user
    own = world.instance.table.rows("sys_user", f"user_name={world.instance.admin.user}", ("sys_id",), 1)
    world.learned["administrator"] = own[0]["sys_id"] if own else ""
    for table in ("incident", "sn_si_incident"):
        if table == "incident" or "sir" in world.instance.capabilities:
            row = world.instance.table.insert(table, {"short_description": "blank"})
            world.learned[f"blank {table}"] = _columns({**row, "short_description": ""})
