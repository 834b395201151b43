"""What one push did, judged by the rules of correlation: which incident, which columns, which answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from sandtable_scenarios.checks import whole
from sandtable_scenarios.checks.correlation import (
    BLANK,
    BYSTANDERS,
    CREATE,
    DATE,
    EXTERNAL,
    FIELDS,
    INVENTED,
    LETTER_CASE,
    LONGEST,
    NO_TWIN,
    OPENED,
    RESULT,
    STATE,
    STORED,
    SUCCEEDS,
    TOO_LONG,
    UPDATE,
)
from sandtable_scenarios.models.incidents import LONGEST_CORRELATION_ID
from sandtable_scenarios.stage.pictures import Outcome
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.strategies import texts

# What the columns of an incident hold; more is cut by the instance.
LENGTHS = {"short_description": 160, "description": 4000}
SLOWEST_COMMENTS = timedelta(minutes=1)
COPIED = (
    "short_description",
    "description",
    "impact",
    "urgency",
    "severity",
    "category",
    "subcategory",
    "correlation_display",
)


def judge_push(
    world: World,
    outcome: Outcome,
    incident: Mapping[str, Any],
    candidates: frozenset[str],
    target: str | None,
    comments: Sequence[str] = (),
) -> None:
    """Judge one push by its answer and by what it did to the incidents."""
    correlation_id = incident.get("correlation_id")
    change = outcome.change
    if correlation_id is not None and len(correlation_id) > LONGEST_CORRELATION_ID:
        refused = not outcome.ok and not change.touched
        world.visited("push with an ID over the limit")
        world.check(TOO_LONG, refused, "an error, and no incident created or changed", f"{outcome.said}; {change}")
        return
    if target is None and texts.is_unseen(correlation_id) and (correlation_id or "").strip():
        world.visited("push with an ID that cannot be seen")
        others = frozenset(change.changed) - candidates
        world.check(BYSTANDERS, not others, "no other incident touched", str(change))
        world.check(CREATE, len(change.created) <= 1, "one new incident at most", str(change))
        return
    at_limit = correlation_id is not None and len(correlation_id) == LONGEST_CORRELATION_ID
    if at_limit:
        world.check(LONGEST, outcome.ok, "the answer ok", outcome.said)
    world.check(SUCCEEDS, outcome.ok, "the answer ok", outcome.said)
    if target is not None:
        world.visited("push with an external ID")
        world.check(EXTERNAL, not change.created and target in outcome.after.incidents, "no new incident", str(change))
        written, allowed = target, frozenset({target})
    elif candidates:
        known = {outcome.before.incidents[sys_id]["correlation_id"] for sys_id in candidates}
        rule = UPDATE if correlation_id in known else LETTER_CASE
        world.visited("push that updates" if rule is UPDATE else "push that updates in another letter case")
        world.check(rule, not change.created, "no new incident", str(change))
        written = str(outcome.data.get("id", ""))
        allowed = candidates
    else:
        blank = correlation_id is None or not correlation_id.strip()
        rule = BLANK if blank else CREATE
        world.visited("push without an ID" if blank else "push that creates")
        world.check(rule, len(change.created) == 1, "exactly one new incident", str(change))
        written, allowed = change.created[0], frozenset(change.created)
        if blank:
            stored = outcome.after.incidents[written]["correlation_id"]
            world.check(INVENTED, not stored.strip(), "no correlation ID", f"correlation_id {stored!r}", soft=True)
    others = change.touched - allowed
    world.check(
        BYSTANDERS, not others, "no other incident touched", f"{len(others)} others touched: {sorted(others)[:3]}"
    )
    world.check(RESULT, written in allowed, f"the id of one of {sorted(allowed)}", f"id {written!r}")
    judge_told(world, outcome.data, outcome.after.incidents[written], created=target is None, commented=bool(comments))
    _judge_fields(world, outcome, incident, written)
    judge_whole(world, outcome, incident, written, comments)


def judge_whole(
    world: World, outcome: Outcome, incident: Mapping[str, Any], written: str, comments: Sequence[str] = ()
) -> None:
    """Judge every column of the incident that a push wrote."""
    given = {name: value for name, value in incident.items() if name not in ("externalId", "additional_fields")}
    given |= staged(incident.get("additional_fields"))
    if written in outcome.before.incidents:
        people = named_people(world, incident)
        if is_deprecated(world):
            # Without the application a field that is null is written as nothing.
            after = outcome.after.incidents[written]
            people |= {name for name in (*COPIED, "correlation_id") if not after[name] and not incident.get(name)}
        whole.judge_columns(world, outcome, written, whole.columns_of(given) | people, whole.NOTHING_ELSE)
        judge_people(world, outcome, written, people)
    else:
        whole.judge_new(world, outcome, written, given)
    whole.judge_desk(world, outcome)


def is_deprecated(world: World) -> bool:
    """Whether the story's connector writes through the Table API."""
    config = (world.facts.get("connection") or {}).get("config", {"usesTableApi": False})
    return bool(config.get("usesTableApi", True))


def named_people(world: World, incident: Mapping[str, Any]) -> frozenset[str]:
    """Return the people that a push names: caller and opener where it may create, and the connector signs in by name.

    The application writes them to the incident that it finds, as it writes all of the row.
    """
    by_key = (world.facts.get("connection") or {}).get("config", {}).get("isOAuth")
    return frozenset() if by_key or incident.get("externalId") is not None else frozenset({"caller_id", "opened_by"})


def judge_people(world: World, outcome: Outcome, written: str, people: frozenset[str]) -> None:
    """Check that an update names nobody but the connector's user."""
    before, after = outcome.before.incidents[written], outcome.after.incidents[written]
    user = world.instance.integration.user
    for name in sorted(people & {"caller_id", "opened_by"}):
        if after[name] != before[name]:
            known = (user, world.learned.get("integration user"))
            world.check(OPENED, after[name] in known, f"{name} {user}", f"{name} {after[name]!r}", soft=True)


def staged(additional: Any) -> dict[str, Any]:
    """Return what additional fields may change: columns by the names of their staging columns."""
    if isinstance(additional, str):
        try:
            additional = json.loads(additional)
        except ValueError:
            return {}
    if not isinstance(additional, Mapping):
        return {}
    own = {f"u_{name}" for name in COPIED}
    return {
        name.removeprefix("u_"): value
        for name, value in additional.items()
        if name not in own and value not in (None, "")
    }


def judge_troubled(
    world: World,
    outcome: Outcome,
    incident: Mapping[str, Any],
    candidates: frozenset[str],
    target: str | None,
    comments: Sequence[str],
) -> None:
    """Judge a push that failed in trouble: what was written before is part of what was asked for, and nothing twice."""
    change = outcome.change
    allowed = frozenset({target}) if target is not None else candidates
    most = 0 if allowed else 1
    world.check(NO_TWIN, len(change.created) <= most, f"at most {most} new incidents", str(change))
    others = frozenset(change.changed) - allowed
    world.check(BYSTANDERS, not others, "no other incident touched", str(change))
    for written in (*change.created, *change.changed):
        judge_whole(world, outcome, incident, written, comments)
        added = outcome.after.notes.get(written, ())[len(outcome.before.notes.get(written, ())) :]
        twice = Counter(added) - Counter(comments)
        world.check(NO_TWIN, not twice, "each comment once at most", f"work notes {list(added)!s:.160}", soft=True)


def links_to(world: World, url: str, table: str, sys_id: str) -> bool:
    """Whether a URL on the instance leads people to the form of a record."""
    return url.startswith(f"{world.instance.base_url}/") and f"{table}.do?sys_id={sys_id}" in unquote(url)


def judge_told(
    world: World,
    data: Mapping[str, Any],
    row: Mapping[str, str],
    table: str = "incident",
    *,
    created: bool,
    commented: bool,
) -> None:
    """Check that the answer of a push names the record that it wrote: by ID, number, link and date."""
    written = row["sys_id"]
    world.check(RESULT, data.get("id") == written, f"id {written!r}", f"id {data.get('id')!r}")
    title, url = data.get("title"), str(data.get("url", ""))
    world.check(RESULT, title == row["number"], f"title {row['number']!r}", f"title {title!r}", soft=True)
    inside = links_to(world, url, table, written)
    world.check(RESULT, inside, f"a link to {table} {written}", f"url {url!r}", soft=True)
    if data.get("pushedDate"):
        _judge_date(world, str(data["pushedDate"]), row, created=created, commented=commented)
    for entry in data.get("comments") or []:
        if isinstance(entry, Mapping) and entry.get("pushedDate"):
            _judge_date(world, str(entry["pushedDate"]), row, created=created, commented=True, loosely=True)


def _judge_date(
    world: World, told: str, row: Mapping[str, str], *, created: bool, commented: bool, loosely: bool = False
) -> None:
    made, updated = (
        datetime.strptime(row[name], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        for name in ("sys_created_on", "sys_updated_on")
    )
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        moment = None
    fits, wanted = False, made if created and not loosely else updated
    if moment is not None and moment.tzinfo is not None:
        # Comments are updates of their own, and come after the push that is reported.
        late = SLOWEST_COMMENTS if commented else timedelta(0)
        fits = (moment == made and (created or loosely)) or (
            (not created or loosely) and timedelta(0) <= updated - moment <= late
        )
    told = f"pushedDate {told!r}; created {made.isoformat()}, updated {updated.isoformat()}"
    world.check(DATE, fits, f"{wanted.isoformat()}", told, soft=True)


def _judge_fields(world: World, outcome: Outcome, incident: Mapping[str, Any], written: str) -> None:
    row = outcome.after.incidents[written]
    correlation_id = incident.get("correlation_id")
    if correlation_id and correlation_id.strip():
        same = row["correlation_id"] == correlation_id
        kept = row["correlation_id"].casefold() == correlation_id.casefold() and written in outcome.before.incidents
        world.check(
            STORED,
            same or kept,
            f"correlation_id {correlation_id!r}",
            f"correlation_id {row['correlation_id']!r}",
            soft=True,
        )
    if written in outcome.before.incidents and "state" not in staged(incident.get("additional_fields")):
        state = outcome.before.incidents[written]["state"]
        world.check(STATE, row["state"] == state, f"state {state}", f"state {row['state']}", soft=True)
    for name in COPIED:
        value = incident.get(name)
        if value:
            value = value[: LENGTHS.get(name, len(value))]
            world.check(FIELDS, row[name] == value, f"{name} {value!r}", f"{name} {row[name]!r}", soft=True)
