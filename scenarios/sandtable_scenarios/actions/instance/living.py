"""What becomes of an incident by itself when somebody moves it from state to state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sandtable_scenarios.checks.instance.keeping import LIFE
from sandtable_scenarios.stage.world import World

ENDED, HELD, RESOLVED, CLOSED, CANCELED = ("7", "8"), "3", "6", "7", "8"
# A clock that goes on within one change.
SLOWEST = 2
WHEN, WHO = "when it was changed", "who changed it"


def judge_life(world: World, before: Mapping[str, str], after: Mapping[str, str], actor: str) -> None:
    """Check what an instance fills in, and empties, for a move from one state to another, and for a change of others.

    ``actor`` is the sys_id of whoever made the change; nothing is judged where the columns of a row are not all there.
    """
    if world.instance.control is None or "reopen_count" not in after or not actor:
        return
    wanted = _wanted(before, after)
    odd = [
        f"{name} {after[name]!r}, not {value or 'empty'!r}"
        for name, value in wanted.items()
        if not _is(value, after, name, actor)
    ]
    if after["state"] == RESOLVED and before["state"] not in (RESOLVED, *ENDED):
        taken = (_moment(after["resolved_at"]) - _moment(after["opened_at"])).total_seconds()
        told = after["calendar_stc"]
        if not told.isdigit() or abs(int(told) - max(0.0, taken)) > SLOWEST:
            odd.append(f"calendar_stc {told!r}, not {taken:.0f}")
    move = f"from state {before['state']} to {after['state']}"
    world.visited(f"an incident {move}")
    world.check(LIFE, not odd, f"{move}: what follows from it", "; ".join(odd), soft=True)


def _wanted(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    old, new = before["state"], after["state"]
    wanted = {name: before[name] for name in ("closed_at", "closed_by", "reopen_count", "reopened_by")}
    group, count = before["assignment_group"], before["reassignment_count"]
    again = group and after["assignment_group"] != group
    wanted["reassignment_count"] = str(int(count or 0) + 1) if again else count
    if new not in ENDED:
        wanted |= {"closed_at": "", "closed_by": ""}
    elif old not in ENDED:
        wanted |= {"closed_at": WHEN, "closed_by": WHO}
    if old == HELD != new:
        wanted |= {"hold_reason": ""}
    if old == CANCELED:
        return wanted
    wanted |= {name: before[name] for name in ("resolved_at", "resolved_by")}
    if new == CANCELED or (new == CLOSED and before["resolved_at"]):
        return wanted
    if new in (RESOLVED, CLOSED) and old not in (RESOLVED, CLOSED):
        wanted |= {"resolved_at": WHEN, "resolved_by": WHO}
    elif new == RESOLVED and old == CLOSED:
        del wanted["resolved_at"], wanted["resolved_by"]
    elif old in (RESOLVED, CLOSED) and new not in (RESOLVED, CLOSED):
        wanted |= {"resolved_at": "", "resolved_by": "", "reopened_by": WHO}
        wanted["reopen_count"] = str(int(before["reopen_count"] or 0) + 1)
    return wanted


def _is(value: str, after: Mapping[str, str], name: str, actor: str) -> bool:
    found = after[name]
    if value == WHO:
        return found == actor
    if value == WHEN:
        return bool(found) and abs((_moment(found) - _moment(after["sys_updated_on"])).total_seconds()) <= SLOWEST
    return found == value


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
