"""Which recovery closes which incident."""

from __future__ import annotations

from sandtable_scenarios.checks import whole
from sandtable_scenarios.checks.correlation import BYSTANDERS, PAGE
from sandtable_scenarios.checks.pushes import links_to
from sandtable_scenarios.models.incidents import CANCELED as CANCELED_STATE
from sandtable_scenarios.models.incidents import CLOSED, LONGEST_CORRELATION_ID
from sandtable_scenarios.stage.evidence import assumed, documented, recorded
from sandtable_scenarios.stage.findings import Rule, Severity
from sandtable_scenarios.stage.pictures import Outcome, policy_of
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.strategies import texts

LATEST_OPEN = Rule(
    "close.latest-open",
    "Of several incidents with one correlation ID, recovery closes the latest that is open",
    Severity.CRITICAL,
    documented(f"{PAGE}: if multiple incidents match the correlation ID, the latest open one is closed"),
    explanation=(
        "A connector that looks only at the newest incident closes nothing when somebody closed that one by hand:"
        " an older incident stays open for an alert that is over. Ask the instance for open incidents only, "
        "newest first."
    ),
)
CLOSES = Rule(
    "close.closes",
    "Recovery closes the open incident of its correlation ID",
    Severity.CRITICAL,
    documented(f"{PAGE}: recovery actions close ServiceNow incidents based on the correlation ID"),
    explanation="An incident that stays open after recovery keeps people at work for nothing.",
)
REASON = Rule(
    "close.reason",
    "A closed incident carries a close code and close notes",
    Severity.MINOR,
    assumed("many instances make both mandatory at closure by a data policy"),
    explanation="Without them an instance with the usual data policy refuses the closure.",
)
NOTHING = Rule(
    "close.nothing-to-close",
    "Recovery without an open incident changes nothing",
    Severity.CRITICAL,
    documented(f"{PAGE}: the latest open incident for that ID is closed, so without one there is none"),
    explanation="Closing again, reopening, or creating an incident on recovery falsifies the record.",
)
BLANK = Rule(
    "close.blank-id",
    "A blank correlation ID closes nothing",
    Severity.CRITICAL,
    assumed("a blank ID names no alert; to read it as 'any incident without an ID' closes somebody else's work"),
    explanation="A template that renders to nothing must not become a query for incidents that have no correlation ID.",
)
OVERLONG = Rule(
    "close.too-long",
    "A correlation ID over the limit is refused with an error, and closes nothing",
    Severity.CRITICAL,
    documented(f"{PAGE}: the maximum character length for this value is {LONGEST_CORRELATION_ID}"),
    explanation=(
        "No incident can have such an ID. Cutting it to the limit may name the incident of another alert, and an "
        "answer ok hides that the alert's incident cannot be found any more."
    ),
)
INJECTION = Rule(
    "close.injection",
    "No character in a correlation ID or an external ID can change which incidents are looked at",
    Severity.CRITICAL,
    assumed("an ID is data; whoever can name an alert must not be able to close any incident of the instance"),
    explanation=(
        "An ID that is pasted into an encoded query or a URL can add conditions (^OR, ^NQ), parameters (&) or cut"
        " the query short (#). Escape the caret, percent-encode the value, and compare what comes back."
    ),
    blames_characters=True,
)
CANCELED = Rule(
    "close.canceled",
    "A canceled incident is not open: recovery leaves it as it is",
    Severity.MAJOR,
    documented("ServiceNow documentation, incident states: Closed and Canceled incidents are not active"),
    explanation=(
        "Whoever looks only for one closed state moves a canceled incident to closed, and leaves an open one open."
    ),
)
REST = Rule(
    "close.leaves-the-rest",
    "A close changes state, close code and close notes, and nothing else that people wrote or chose",
    Severity.MAJOR,
    recorded("Kibana's unit tests: a close sends the state, a close code and close notes, and no other field"),
    explanation=(
        "Whoever looks at the incident later wants it as it was worked on: its text, its priority, its work notes. "
        "Send the fields that close it, and no others."
    ),
)
ANSWER = Rule(
    "close.answer",
    (
        "A close that found nothing to do is not an error, one that failed is not a success, and an incident that is "
        "reported is the one that was closed, or the latest of those that are closed already"
    ),
    Severity.MAJOR,
    documented(
        "Kibana connector API: closeIncident without a match answers ok with empty data, and otherwise names the "
        "incident"
    ),
    explanation=(
        "Errors are retried and alarm people; a success for a failed close hides it; whoever follows a link to the "
        "wrong incident reads about another outage."
    ),
)
RULES = (LATEST_OPEN, CLOSES, REASON, NOTHING, BLANK, OVERLONG, INJECTION, CANCELED, REST, ANSWER)

MEANINGFUL = frozenset("^&#+%\n\t=")


def judge_close(
    world: World,
    outcome: Outcome,
    correlation_id: str | None,
    target: str | None,
    wanted: str | None,
    latest: str | None,
    *,
    troubled: bool = False,
) -> None:
    """Judge one close; where it is ``troubled``, an error is an answer too.

    ``wanted`` is the open incident that it must close, if there is one; ``latest`` is the newest of all incidents that
    it is about, open or not.
    """
    change = outcome.change
    if target is None and (correlation_id is None or not correlation_id.strip()):
        world.visited("close with a blank ID")
        world.check(BLANK, not change.touched, "nothing changed", str(change))
        return
    if target is None and correlation_id is not None and len(correlation_id) > LONGEST_CORRELATION_ID:
        world.check(OVERLONG, not change.touched, "nothing changed", str(change))
        world.check(OVERLONG, not outcome.ok, "an error", outcome.said)
        return
    if target is None and texts.is_unseen(correlation_id):
        # Whoever takes it for a blank ID does no harm, whoever takes it for an ID neither.
        world.visited("close with an ID that cannot be seen")
        known = {key for key, row in outcome.before.incidents.items() if row["correlation_id"] == correlation_id}
        world.check(BLANK, change.touched <= known, "no incident without that very ID touched", str(change))
        return
    if troubled and not outcome.ok:
        # Closed and not told of is what an answer that was lost looks like.
        strangers = change.touched - {wanted}
        world.check(BYSTANDERS, not strangers, "no other incident touched", str(change))
        if wanted is not None:
            judge_rest(world, outcome, wanted)
        return
    matching = [row for row in outcome.before.incidents.values() if _same(correlation_id, row["correlation_id"])]
    others = change.touched - {wanted}
    script = target is None and (correlation_id or "").lstrip().startswith("javascript:")
    meaningful = target is None and bool(script or MEANINGFUL.intersection(correlation_id or ""))
    if meaningful:
        strangers = others - {row["sys_id"] for row in matching}
        world.visited("close with an ID that means something to a query")
        world.check(INJECTION, not strangers, "no incident with another ID touched", str(change))
    canceled = [row["sys_id"] for row in matching if row["state"] == CANCELED_STATE]
    if canceled and target is None:
        world.visited("close with a canceled match")
        world.check(CANCELED, not change.touched.intersection(canceled), "the canceled incident as it was", str(change))
    if wanted is None:
        world.check(NOTHING, not change.touched, "nothing changed", str(change))
        world.check(ANSWER, outcome.ok, "the answer ok", outcome.said)
        _judge_report(world, outcome, latest, INJECTION if meaningful else ANSWER)
        return
    row = outcome.after.incidents.get(wanted, {})
    if script:
        # The platform runs such a value in every query, so no lookup can find it; all that can be asked is no harm.
        return
    rule = LATEST_OPEN if len(matching) > 1 and target is None else CLOSES
    closed = row.get("state") == CLOSED and row.get("active") == "false"
    world.check(
        rule,
        closed,
        f"incident {row.get('number')} in state {CLOSED}, not active",
        f"state {row.get('state')!r}, active {row.get('active')!r}; {outcome.said}",
    )
    world.check(
        BYSTANDERS, not others, "no other incident touched", f"{len(others)} others touched: {sorted(others)[:3]}"
    )
    judge_rest(world, outcome, wanted)
    world.check(ANSWER, outcome.ok, "the answer ok", outcome.said, soft=True)
    _judge_report(world, outcome, wanted, ANSWER)
    if policy_of(world.story.setting).carries_reasons:
        reasons = {name: row.get(name, "") for name in ("close_code", "close_notes")}
        world.check(REASON, all(reasons.values()), "a close code and close notes", str(reasons), soft=True)


def judge_rest(world: World, outcome: Outcome, closed: str) -> None:
    """Check that the incident which was closed is otherwise as it was."""
    whole.judge_columns(world, outcome, closed, whole.CLOSING, REST)
    added = outcome.after.notes.get(closed, ())[len(outcome.before.notes.get(closed, ())) :]
    world.check(REST, not added, "no work note", f"work notes {list(added)}", soft=True)
    whole.judge_desk(world, outcome)


def _judge_report(world: World, outcome: Outcome, about: str | None, rule: Rule) -> None:
    told = outcome.data.get("id")
    if told:
        world.visited("a close reports an incident")
        number = outcome.after.incidents.get(about or "", {}).get("number", "that nobody has")
        world.check(rule, told == about, f"no incident, or {number} with id {about!r}", f"id {told!r}")
        title, url = outcome.data.get("title"), str(outcome.data.get("url"))
        named = title == number and links_to(world, url, "incident", str(about))
        world.check(
            ANSWER, named, f"the title {number} and a link to {about}", f"title {title!r}, url {url!r}", soft=True
        )


def _same(correlation_id: str | None, other: str) -> bool:
    return bool(correlation_id) and str(correlation_id).casefold() == other.casefold()
