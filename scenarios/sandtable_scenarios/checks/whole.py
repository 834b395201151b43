"""Whatever reaches the instance is compared whole: every column of a record, every member of a row, every call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sandtable_scenarios.checks.instance.keeping import VERSIONS
from sandtable_scenarios.stage.evidence import assumed, recorded
from sandtable_scenarios.stage.findings import Rule, Severity
from sandtable_scenarios.stage.pictures import Outcome
from sandtable_scenarios.stage.world import World

OBSERVED = "observed Kibana behaviour: a push sends the fields of the action, under OAuth without caller and opener"

NOTHING_ELSE = Rule(
    "push.nothing-else",
    "An update changes the columns whose fields it gives, and no others: what people filled in stays",
    Severity.CRITICAL,
    recorded(OBSERVED),
    explanation=(
        "A default, an empty text or a name that nobody gave overwrites what people wrote since the last push: a "
        "priority that they raised, a caller whom they asked, a description of what they found. Leave out what is not "
        "given, and name caller and opener only where an incident is created."
    ),
)
NEW_RECORD = Rule(
    "push.new-record",
    "A new incident has the fields that were given, and the defaults of the instance in all other columns",
    Severity.MAJOR,
    recorded(OBSERVED),
    needs=frozenset({"control"}),
    explanation="What was not given is the instance's to fill in: its administrators choose the defaults.",
)
SENT = Rule(
    "push.sends-what-was-given",
    "The rows and records that are sent hold the fields that were given, with their values, and no others",
    Severity.MAJOR,
    recorded(OBSERVED),
    needs=frozenset({"journal"}),
    explanation=(
        "An instance with another transform map does something with every column that arrives. What was not given "
        "must not be sent, except as null."
    ),
)
ELSEWHERE = Rule(
    "push.writes-only-there",
    "A connector writes to the resources of its actions, and to no others",
    Severity.MAJOR,
    recorded("observed Kibana behaviour: the import set, observables, events and tokens are all that is posted to"),
    needs=frozenset({"journal"}),
    explanation="The user of a connector may have more rights than its guide asks for; they are not for use.",
)
GIVEN = Rule(
    "push.sends-all-of-it",
    "Of an action that is answered ok, every field, every additional field and every comment that was given is sent",
    Severity.MAJOR,
    recorded(OBSERVED),
    needs=frozenset({"journal"}),
    explanation=(
        "What looks like a repetition, or like nothing, means something to whoever wrote it: two comments with one ID "
        "or one text are two, and an empty text is not the same as no text. Leave that to the instance."
    ),
)
ONE_WRITE = Rule(
    "push.one-write",
    "A push writes one record, and one more for each comment; a close writes one; asking writes none",
    Severity.MAJOR,
    recorded("observed Kibana behaviour: one row for the incident, one for each comment, one for a close"),
    needs=frozenset({"journal"}),
    explanation=(
        "Each write runs the business rules of the instance, mails people and stands in the history: a write that was "
        "not asked for, such as one that takes an incident up before it is closed, is one too many."
    ),
)
FOR_THE_DESK = Rule(
    "comments.for-the-desk",
    "Comments are work notes: nothing is written where customers read it",
    Severity.CRITICAL,
    recorded("observed Kibana behaviour: comments of a push are sent as work_notes"),
    explanation="Additional comments are mailed to the caller and shown in the portal; work notes are for the desk.",
)
STAYS_HOME = Rule(
    "auth.stays-home",
    "Credentials are sent to the instance and to no other host, wherever a redirect leads",
    Severity.CRITICAL,
    assumed("whoever can make an instance redirect, or stands in front of it, must not get its password"),
    needs=frozenset({"faults"}),
    explanation=(
        "HTTP libraries differ in what they keep at a redirect to another host. Follow none, or drop Authorization, "
        "cookies and bodies with secrets where host or port change."
    ),
)
RULES = (NOTHING_ELSE, NEW_RECORD, SENT, GIVEN, ELSEWHERE, ONE_WRITE, FOR_THE_DESK, STAYS_HOME)

# Columns that the instance fills in by itself whenever a record changes.
STAMPS = frozenset({"sys_updated_on", "sys_updated_by", "sys_mod_count"})
# What follows from other columns, by the column that it follows from.
FOLLOWING: Mapping[str, frozenset[str]] = {
    "impact": frozenset({"priority"}),
    "urgency": frozenset({"priority"}),
}
CLOSING = frozenset(
    {
        *("state", "incident_state", "active", "close_code", "close_notes", "closed_at", "closed_by"),
        *(
            "hold_reason",
            "resolved_at",
            "resolved_by",
            "business_duration",
            "calendar_duration",
            "business_stc",
            "calendar_stc",
        ),
    }
)
REOPENING = frozenset({"reopen_count", "reopened_time", "reopened_by"})
# Columns in which every new record differs from every other.
ITS_OWN = STAMPS | {
    *("sys_id", "number", "task_effective_number", "opened_at", "sys_created_on", "sys_created_by"),
    *("opened_by", "caller_id"),
}


def columns_of(given: Mapping[str, Any]) -> frozenset[str]:
    """Return the columns that an update with these fields may change; a null gives nothing."""
    named = {name for name, value in given.items() if value is not None}
    if "state" in named:
        named |= CLOSING | REOPENING
    return frozenset(named.union(*(FOLLOWING.get(name, ()) for name in named)))


def judge_columns(world: World, outcome: Outcome, sys_id: str, allowed: Collection[str], rule: Rule) -> None:
    """Check that an incident which was there changed in no other columns than these, and who is named for it."""
    before, after = outcome.before.incidents[sys_id], outcome.after.incidents.get(sys_id)
    if after is None:
        world.check(rule, False, f"incident {before.get('number')} still there", "it was deleted")
        return
    changed = {name: (old, after.get(name, "")) for name, old in before.items() if after.get(name, "") != old}
    extra = {name: pair for name, pair in changed.items() if name not in STAMPS and name not in allowed}
    told = "; ".join(f"{name} {old!r} became {new!r}" for name, (old, new) in sorted(extra.items()))
    world.check(rule, not extra, f"no change beside {', '.join(sorted(allowed)) or 'nothing'}", told, soft=True)
    if changed:
        user = world.instance.integration.user
        author, count = after["sys_updated_by"], int(after["sys_mod_count"]) - int(before["sys_mod_count"])
        world.check(VERSIONS, author == user, f"updated by {user}", f"updated by {author}", soft=True)
        world.check(VERSIONS, count > 0, "a higher modification count", f"{count:+}", soft=True)


def judge_new(world: World, outcome: Outcome, sys_id: str, given: Mapping[str, Any]) -> None:
    """Check every column of a new incident against what was given and what the instance fills in by itself."""
    blank: Mapping[str, str] | None = world.learned.get("blank incident")
    if blank is None:
        return
    row = outcome.after.incidents[sys_id]
    free = ITS_OWN | columns_of(given)
    odd = {name: (blank.get(name, ""), value) for name, value in row.items() if value != blank.get(name, "")}
    told = "; ".join(f"{name} {new!r}, not {old!r}" for name, (old, new) in sorted(odd.items()) if name not in free)
    world.check(NEW_RECORD, not told, "the defaults of the instance", told, soft=True)


def judge_desk(world: World, outcome: Outcome) -> None:
    """Check that nothing was written where customers read it."""
    before, after = outcome.before.comments, outcome.after.comments
    told = [line for sys_id, lines in after.items() for line in lines[len(before.get(sys_id, ())) :]]
    world.check(FOR_THE_DESK, not told, "no comment for customers", f"comments {told!s:.160}", soft=True)
