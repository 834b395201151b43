"""Comments arrive once each, in order, where the service desk reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandtable_scenarios.stage.evidence import documented, recorded
from sandtable_scenarios.stage.findings import Rule, Severity
from sandtable_scenarios.stage.pictures import Outcome
from sandtable_scenarios.stage.world import World

ONCE = Rule(
    "comments.once",
    "Each comment of a push is added exactly once, as a work note",
    Severity.MAJOR,
    recorded("observed Kibana behaviour: each comment of a push becomes one work note of the incident"),
    explanation="A lost comment loses what somebody wrote; a doubled one makes the history unreadable.",
)
ORDER = Rule(
    "comments.order",
    "Comments are added in the order in which they were given",
    Severity.MINOR,
    recorded("observed Kibana behaviour: comments are sent one after the other in their order"),
    explanation="A conversation in the wrong order says something else.",
)
REPORTED = Rule(
    "comments.reported",
    "The answer names each comment that was added",
    Severity.MINOR,
    documented("Kibana connector API: pushToService answers the commentId of each comment it added"),
    explanation="Cases remember from this answer which comments were pushed, and push the others again.",
)
RULES = (ONCE, ORDER, REPORTED)


def judge_comments(world: World, outcome: Outcome, comments: Sequence[str], *, ids: Sequence[str]) -> None:
    """Judge the work notes that one push added to the incident it wrote, and how the answer names the comments."""
    if not outcome.ok:
        return
    written = str(outcome.data.get("id", ""))
    before = outcome.before.notes.get(written, ())
    added = list(outcome.after.notes.get(written, ())[len(before) :])
    # An instance makes no line of an empty text.
    wanted = [text for text in comments if text]
    world.check(ONCE, sorted(added) == sorted(wanted), f"work notes {wanted}", f"work notes {added}", soft=True)
    world.check(ORDER, added == wanted, f"the order {wanted}", f"the order {added}", soft=True)
    judge_reported(world, outcome.data, ids)


def judge_reported(world: World, data: Mapping[str, Any], ids: Sequence[str]) -> None:
    """Check that an answer names the comments that were given, each by its ID."""
    if ids:
        world.visited("push with comments")
        told = [entry.get("commentId") for entry in data.get("comments") or [] if isinstance(entry, dict)]
        world.check(REPORTED, told == list(ids), f"comments {list(ids)}", f"comments {told}", soft=True)
