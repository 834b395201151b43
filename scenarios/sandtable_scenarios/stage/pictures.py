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
COLUMNS = (
    "sys_id",
    "number",
    "correlation_id",
    "correlation_display",
    "state",
    "active",
    "short_description",
    "description",
    "impact",
    "urgency",
    "severity",
    "category",
    "subcategory",
    "close_code",
    "close_notes",
    "caller_id",
    "opened_by",
    "sys_created_on",
    "sys_updated_on",
    "sys_mod_count",
    "closed_at",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one action did: the connector's answer, and the instance before and after."""

    before: Picture
    after: Picture
    answer: Answer = field(default_factory=lambda: {"status": "ok", "data": None})
    requests: tuple[Any, ...] = ()

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
            return f"the answer ok with {self.answer.get('data')!r:.160}"
        return f"the answer error: {self.answer.get('service_message') or self.answer.get('message')!s:.240}"


def photograph(world: World) -> Picture:
    """Return a picture of the incidents and their work notes."""
    table = world.instance.table
    scope = world.instance.scope
    rows = table.rows("incident", f"{scope}ORDERBYsys_created_on", COLUMNS)
    notes: dict[str, list[str]] = defaultdict(list)
    journal = table.rows(
        "sys_journal_field",
        f"{scope}name=incident^element=work_notes^ORDERBYsys_created_on",
        ("element_id", "value", "sys_created_on"),
    )
    for line in journal:
        notes[line["element_id"]].append(line["value"])
    return Picture({row["sys_id"]: row for row in rows}, {key: tuple(lines) for key, lines in notes.items()})


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
        picture = photograph(world)
        world.facts["picture"] = picture
        for row in picture.incidents.values():
            model.arrive(row["sys_id"], row["correlation_id"], row["state"])
    return model


def observed(world: World, act: Callable[[], Answer]) -> Outcome:
    """Run something between two pictures; what the connector sent is taken from the journal where there is one."""
    model_of(world)
    before = world.facts["picture"]
    control = world.instance.control
    seen = len(control.requests()) if control is not None and world.facts.get("watch_requests") else 0
    answer = act()
    sent = tuple(control.requests())[seen:] if control is not None and world.facts.get("watch_requests") else ()
    after = photograph(world)
    world.facts["picture"] = after
    if control is None:
        # Nothing can be put back there, so whatever came into being is taken away again.
        for sys_id in difference(before, after).created:
            world.undo_later(partial(world.instance.table.delete, "incident", sys_id))
    return Outcome(before, after, answer, sent)


def look_again(world: World) -> Picture:
    """Return a new picture after what the story itself did to the instance; what a connector does next starts there."""
    return observed(world, lambda: {"status": "ok", "data": None}).after
