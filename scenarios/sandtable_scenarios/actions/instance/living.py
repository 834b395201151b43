"""What becomes of an incident by itself when somebody moves it from state to state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sandtable_scenarios.checks.instance.keeping import LIFE
from sandtable_scenarios.stage.world import World

ENDED, HELD, RESOLVED, CLOSED, CANCELED = ("7", "8"), "3", "6", "7", "8"
# A clock that goes on within one change.
SLOWEST = 2
WHEN, WHO, ANY = "when it was changed", "who changed it", "whatever the instance thinks"


# What is each change's own, or is pictured for itself.
STAMPS = frozenset({"sys_updated_on", "sys_updated_by", "sys_mod_count", "reopened_time"})
DURATIONS = {
    "calendar_duration": "closed_at",
    "business_duration": "closed_at",
    "calendar_stc": "resolved_at",
    "business_stc": "resolved_at",
}
LEVELS = ("impact", "urgency")
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a stored duration is a moment without a zone


def judge_life(
    world: World, before: Mapping[str, str], after: Mapping[str, str], actor: str, given: Mapping[str, str]
) -> None:
    """Check every column of an incident that somebody changed: what was ``given``, what follows from it, and the rest.

    ``actor`` is the sys_id of whoever made the change; nothing is judged where the columns of a row are not all there.
    """
    if world.instance.control is None or "reopen_count" not in after or not actor:
        return
    wanted = {**before, **{name: value for name, value in given.items() if name in before}}
    wanted |= {"incident_state": after["state"], "active": str(after["state"] not in ENDED).lower()}
    wanted |= _wanted(before, after)
    for name in (*STAMPS, *DURATIONS, *(["priority"] if set(given) & {*LEVELS, "priority"} else [])):
        wanted.pop(name, None)
    odd = [
        f"{name} {after[name]!r}, not {value or 'empty'!r}"
        for name, value in wanted.items()
        if not _is(value, after, name, actor)
    ]
    for name, end in DURATIONS.items():
        # A moment that stays has its duration already.
        if after[end] != before[end] and not _lasted(after, name, end):
            odd.append(f"{name} {after[name]!r} with {end} {after[end] or 'empty'!r}")
    move = f"from state {before['state']} to {after['state']}"
    world.visited(f"an incident {move}")
    world.check(LIFE, not odd, f"{move}: what follows from it, and no more", "; ".join(odd), soft=True)


def _lasted(row: Mapping[str, str], name: str, end: str) -> bool:
    """Whether a duration is the time from the opening to a moment, or empty with it."""
    told = row[name]
    if not row[end]:
        return not told
    taken = max(0.0, (_moment(row[end]) - _moment(row["opened_at"])).total_seconds())
    try:
        seconds = float(told) if told.isdigit() else (_moment(told) - EPOCH).total_seconds()
    except ValueError:
        return False
    return abs(seconds - taken) <= SLOWEST


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
    wanted |= {name: before[name] for name in ("resolved_at", "resolved_by")}
    if old == CANCELED:
        # Who resolves what was canceled is told by some instances, and not by others.
        return wanted | ({"resolved_at": ANY, "resolved_by": ANY} if new in (RESOLVED, CLOSED) else {})
    if new == CANCELED or (new == CLOSED and before["resolved_at"]):
        return wanted
    if new in (RESOLVED, CLOSED) and old not in (RESOLVED, CLOSED):
        wanted |= {"resolved_at": WHEN, "resolved_by": WHO}
    elif new == RESOLVED and old == CLOSED:
        wanted |= {"resolved_at": ANY, "resolved_by": ANY}
    elif old in (RESOLVED, CLOSED) and new not in (RESOLVED, CLOSED):
        wanted |= {"resolved_at": "", "resolved_by": "", "reopened_by": WHO}
        wanted["reopen_count"] = str(int(before["reopen_count"] or 0) + 1)
    return wanted


def _is(value: str, after: Mapping[str, str], name: str, actor: str) -> bool:
    found = after[name]
    if value == ANY:
        return True
    if value == WHO:
        return found == actor
    if value == WHEN:
        return bool(found) and abs((_moment(found) - _moment(after["sys_updated_on"])).total_seconds()) <= SLOWEST
    return found == value


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
