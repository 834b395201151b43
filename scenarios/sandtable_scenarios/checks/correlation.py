"""Which correlation ID creates, and which updates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from sandtable_scenarios.checks import whole
from sandtable_scenarios.models.incidents import LONGEST_CORRELATION_ID
from sandtable_scenarios.stage.evidence import assumed, documented, recorded
from sandtable_scenarios.stage.findings import Rule, Severity
from sandtable_scenarios.stage.pictures import Outcome
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.strategies import texts

PAGE = "Kibana 8.13 documentation, ServiceNow ITSM connector and action"

CREATE = Rule(
    "correlation.create",
    "A push with a correlation ID that no incident has creates exactly one incident",
    Severity.CRITICAL,
    documented(f"{PAGE}: the correlation ID decides whether an incident is created or updated"),
    explanation=(
        "An alert without an incident goes unseen; two incidents for one alert are worked on twice. Look at what "
        "the connector posts to the staging table, and whether it reads the import row's own status."
    ),
)
UPDATE = Rule(
    "correlation.update",
    "A push with a correlation ID that an incident has updates that incident and creates none",
    Severity.CRITICAL,
    documented(f"{PAGE}: the same alert ID continually updates a single incident record"),
    explanation=(
        "A new incident for each firing of one alert floods the service desk. The ID must reach the instance "
        "unchanged, in the column that the transform map coalesces on."
    ),
)
BYSTANDERS = Rule(
    "correlation.bystanders",
    "A push or a close touches no incident but its own",
    Severity.CRITICAL,
    documented(f"{PAGE}: connectors using the same correlation ID are associated with the same incident"),
    explanation=(
        "A lookup that matches more than the ID (a blank ID, a query that the ID broke out of, a prefix) changes "
        "the work of other people."
    ),
)
STORED = Rule(
    "correlation.stored",
    "The correlation ID is stored exactly as the alert gave it",
    Severity.CRITICAL,
    documented(f"{PAGE}: the correlation ID associates alert and incident"),
    explanation=(
        "An ID that is cut, escaped, trimmed or re-encoded on its way no longer matches when the alert recovers."
    ),
)
TOO_LONG = Rule(
    "correlation.too-long",
    f"A correlation ID of more than {LONGEST_CORRELATION_ID} characters is refused before anything is written",
    Severity.CRITICAL,
    documented(f"{PAGE}: the maximum character length for this value is {LONGEST_CORRELATION_ID}"),
    explanation=(
        "An instance cuts the ID silently. Then two alerts share one incident, and recovery never finds it. "
        "Refuse the action with an error that names the field."
    ),
)
LONGEST = Rule(
    "correlation.longest",
    f"A correlation ID of exactly {LONGEST_CORRELATION_ID} characters works like any other",
    Severity.MAJOR,
    documented(f"{PAGE}: the maximum character length for this value is {LONGEST_CORRELATION_ID}"),
    explanation="Characters are counted, not bytes and not UTF-16 units, and the limit itself is allowed.",
)
BLANK = Rule(
    "correlation.blank-push",
    "A push without a correlation ID creates an incident and updates none",
    Severity.CRITICAL,
    assumed("an empty coalesce value is not compared with empty columns; anything else would merge unrelated alerts"),
    explanation="Alerts whose ID could not be rendered must not end up in one another's incidents.",
)
INVENTED = Rule(
    "correlation.invented",
    "An incident of an alert without a correlation ID gets none, least of all a template that nobody rendered",
    Severity.CRITICAL,
    assumed("a literal template as ID is the same for every alert, so that they would all share one incident"),
    explanation=(
        "A default such as a rule and alert template must be rendered before it is sent. Applied afterwards, its "
        "literal text becomes the ID of every alert that came without one."
    ),
)
LETTER_CASE = Rule(
    "correlation.letter-case",
    "IDs that differ only in letter case are one ID, as the instance compares text",
    Severity.MAJOR,
    documented("ServiceNow documentation: text comparison in queries is not case-sensitive"),
    explanation=(
        "A client that compares IDs more strictly than the instance creates what the instance updates, or does "
        "not find what it should close."
    ),
)
SUCCEEDS = Rule(
    "push.succeeds",
    "A push that the instance accepts is answered as a success",
    Severity.MAJOR,
    documented(f"{PAGE}: the connector creates ServiceNow incidents"),
    explanation="An error for work that was done makes the alerting framework repeat it.",
)
RESULT = Rule(
    "push.result",
    "The answer names the incident that was written: its sys_id, its number, its address",
    Severity.MAJOR,
    documented("Kibana connector API: pushToService answers id, title, url and pushedDate of the incident"),
    explanation=(
        "Cases store this answer and push to that sys_id the next time; a wrong one updates somebody else's incident."
    ),
)
FIELDS = Rule(
    "push.fields",
    "Each field of the action is stored in its own column with the value that was given",
    Severity.MAJOR,
    documented(f"{PAGE}: action properties"),
    explanation="A field that is dropped, swapped or changed misleads whoever works on the incident.",
)
STATE = Rule(
    "push.keeps-state",
    "A push leaves the state of an incident as it is; a closed one is updated and stays closed",
    Severity.MAJOR,
    recorded("elastic/kibana#147353 and #162557: a closed incident is updated in place and is not reopened"),
    explanation=(
        "People close incidents for a reason. Whoever wants a new incident for a new firing sets the instance up "
        "that way, or uses an ID that is new each time."
    ),
)
EXTERNAL = Rule(
    "push.external-id",
    "A push with an external ID updates the incident of that sys_id",
    Severity.CRITICAL,
    documented("Kibana connector API: externalId names the incident to update"),
    explanation="Cases push to the incident they made before; the external ID goes before any correlation.",
)
STRANGE_ID = Rule(
    "push.unknown-id",
    "An external ID that no incident has, whatever its characters, is an error for a push, and touches nothing",
    Severity.CRITICAL,
    assumed("a sys_id is data; a push that cannot be an update of that record must not become something else"),
    needs=frozenset({"control"}),
    explanation=(
        "To create an incident instead makes another one at each push of a case whose incident was deleted. Put into "
        "an address as it is, an ID with slashes, dots or a question mark calls another resource: percent-encode it."
    ),
)
DATE = Rule(
    "push.date",
    (
        "The date that is reported is, in UTC, when the incident was created, for a push with an external ID when it "
        "was updated, in whatever zone the connector's machine is"
    ),
    Severity.MINOR,
    recorded("observed Kibana behaviour: pushedDate is sys_created_on of a push, sys_updated_on of an update"),
    explanation=(
        "What the instance answers has no zone in its text and is UTC. Whoever reads it in the zone of the machine "
        "reports a push that is hours off, or in the future."
    ),
)
NO_ID = Rule(
    "push.empty-external-id",
    "A push with an empty external ID is an update that names no record: it creates nothing as a push without one does",
    Severity.MINOR,
    recorded("observed Kibana behaviour: the external ID is compared with null, so an empty one asks for an update"),
    needs=frozenset({"control", "journal"}),
    explanation=(
        "Without the application such an update is refused, since there is no record of that name. With it the "
        "correlation ID decides, as always, and the row names neither a caller nor who opened the incident. To take "
        "an ID that could not be rendered for none at all makes an incident for each push."
    ),
)
OPENED = Rule(
    "push.opened-by",
    "A new incident was opened by the connector's user, who is its caller as well where the connector signs in by name",
    Severity.MINOR,
    recorded("Kibana's unit tests: u_caller_id and u_opened_by of a new incident, without u_ in the deprecated form"),
    needs=frozenset({"control", "journal"}),
    explanation=(
        "The caller is whom the service desk asks back, and the opener decides who may read the incident. Send both "
        "with what creates an incident, and only then; a connector that signs in with a key has no user name to send."
    ),
)
NO_TWIN = Rule(
    "faults.nothing-twice",
    "A push that fails leaves no second incident, and no comment twice",
    Severity.CRITICAL,
    documented(f"{PAGE}: the same alert ID continually updates a single incident record"),
    needs=frozenset({"faults"}),
    explanation=(
        "Part of a push may be written when the rest of it fails. Say so with an error, and repeat nothing of it: the "
        "caller pushes again, and the correlation ID keeps that to one incident."
    ),
)
RULES = (
    CREATE,
    UPDATE,
    LETTER_CASE,
    BYSTANDERS,
    STORED,
    TOO_LONG,
    LONGEST,
    BLANK,
    INVENTED,
    SUCCEEDS,
    RESULT,
    FIELDS,
    STATE,
    EXTERNAL,
    STRANGE_ID,
    DATE,
    NO_ID,
    OPENED,
    NO_TWIN,
)

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
    _judge_result(world, outcome, written, created=target is None, commented=bool(comments))
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
        left = list(comments)
        twice = [note for note in added if note not in left or left.remove(note)]
        world.check(NO_TWIN, not twice, "each comment once at most", f"work notes {list(added)!s:.160}", soft=True)


def links_to(world: World, url: str, table: str, sys_id: str) -> bool:
    """Whether a URL on the instance leads people to the form of a record."""
    return url.startswith(f"{world.instance.base_url}/") and f"{table}.do?sys_id={sys_id}" in unquote(url)


def _judge_result(world: World, outcome: Outcome, written: str, *, created: bool, commented: bool) -> None:
    row = outcome.after.incidents[written]
    data = outcome.data
    world.check(RESULT, data.get("id") == written, f"id {written!r}", f"id {data.get('id')!r}")
    title, url = data.get("title"), str(data.get("url", ""))
    world.check(RESULT, title == row["number"], f"title {row['number']!r}", f"title {title!r}", soft=True)
    inside = links_to(world, url, "incident", written)
    world.check(RESULT, inside, f"a link to incident {written}", f"url {url!r}", soft=True)
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
            world.check(FIELDS, row[name] == value, f"{name} {value!r}", f"{name} {row[name]!r}", soft=True)
