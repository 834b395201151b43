"""One push in circumstances that decide how it ought to end: credentials, rights, faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandtable_scenarios.actions.connector.connecting import execute, secrets_in
from sandtable_scenarios.actions.incidents import follow
from sandtable_scenarios.checks import RULES_BY_ID
from sandtable_scenarios.checks.correlation import RESULT
from sandtable_scenarios.checks.signing_in import NO_SECRETS
from sandtable_scenarios.stage.findings import Rule
from sandtable_scenarios.stage.pictures import Outcome, model_of, observed
from sandtable_scenarios.stage.world import World

FAIL, REPORTED, SUCCEED, EITHER = "fail", "reported", "succeed", "either"


def attempt(world: World, about: str, should: str, correlation_id: str = "r:a", text: str = "CPU is high") -> Outcome:
    """Push once; ``about`` is the id of the rule that says how it ``should`` end.

    ``succeed``, ``fail`` without a trace, fail and be ``reported`` whatever was written, or ``either``, which judges
    only that the answer tells the truth: ok means that the incident is there.
    """
    rule = rule_of(about)
    # What must fail has something in its way, what must succeed has nothing: without that a story means nothing.
    world.require(should == EITHER or bool(obstacles(world)) == (should != SUCCEED))
    model = model_of(world)
    incident: dict[str, Any] = {"short_description": text, "correlation_id": correlation_id}
    before = model.pushed_to(correlation_id)
    outcome = observed(world, lambda: execute(world, "pushToService", {"incident": incident}))
    judge_secrets(world, outcome)
    change = outcome.change
    there = [row for row in outcome.after.incidents.values() if row["correlation_id"] == correlation_id]
    if should in (FAIL, REPORTED):
        world.check(rule, not outcome.ok, "an error", outcome.said)
    if should == FAIL:
        world.check(rule, not change.touched, "no incident created or changed", str(change))
    elif should == SUCCEED:
        world.check(rule, outcome.ok, "the answer ok", outcome.said)
        world.check(rule, len(change.created) == (0 if before else 1), "one incident in all", str(change))
        world.check(rule, bool(there) and there[0]["short_description"] == text, "what was pushed", str(there)[:200])
    elif should == EITHER:
        world.check(
            rule,
            not outcome.ok or any(row["short_description"] == text for row in there),
            "an error, or the incident as pushed",
            f"{outcome.said}; {change}",
        )
    if outcome.ok and there:
        told = outcome.data.get("id"), outcome.data.get("title")
        named = [(row["sys_id"], row["number"]) for row in there]
        world.check(RESULT, told in named, f"id and title {named[0]}", f"id and title {told}")
    follow(model, outcome)
    return outcome


def obstacles(world: World) -> set[str]:
    """Return what stands in the way of every push at this point of the story, by names of its own."""
    found: set[str] = world.facts.setdefault("obstacles", set())
    return found


def obstruct(world: World, name: str, stands: bool) -> None:
    """Note that something stands in the way of every push, or does so no more."""
    if stands:
        obstacles(world).add(name)
    else:
        obstacles(world).discard(name)


def insist(world: World, about: str, correlation_id: str = "r:a", text: str = "CPU is high", tries: int = 3) -> None:
    """Push until it succeeds, as a framework that tries again would, and expect one incident in the end."""
    rule = rule_of(about)
    ended = None
    for _ in range(tries):
        ended = attempt(world, about, EITHER, correlation_id, text)
        if ended.ok:
            break
    assert ended is not None
    world.check(rule, ended.ok, f"success within {tries} tries", ended.said)
    there = [row for row in ended.after.incidents.values() if row["correlation_id"] == correlation_id]
    world.check(rule, len(there) == 1, f"one incident with {correlation_id!r}", f"{len(there)} of them")


def judge_secrets(world: World, outcome: Outcome) -> None:
    """Check that no secret of the connector shows in its answer."""
    shown = "\n".join(_texts(outcome.answer))
    leaked = secrets_in(world, shown)
    world.check(NO_SECRETS, not leaked, "an answer without secrets", f"the answer holds {', '.join(leaked)}")


def _texts(value: object) -> Iterator[str]:
    """Yield every text in an answer as it is; one of them may hold JSON in which a secret's line ends are escaped."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def rule_of(rule_id: str) -> Rule:
    """Return a rule by its id; KeyError when a story names one that does not exist."""
    return RULES_BY_ID[rule_id]


ACTIONS = {"attempt": attempt, "insist": insist}
