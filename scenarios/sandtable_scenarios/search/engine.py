"""Run scenarios: tell their stories, gather which rules break, and turn each into a finding."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from sandtable_scenarios.search.remembering import forget, remember, remembered
from sandtable_scenarios.search.telling import finding_of
from sandtable_scenarios.stage.events import (
    Event,
    FindingFound,
    Listener,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioSkipped,
    ScenarioStarted,
    StoryTold,
)
from sandtable_scenarios.stage.findings import Finding, Known, Rule, Unavailable
from sandtable_scenarios.stage.scenarios import Deck, Draw, Scenario
from sandtable_scenarios.stage.stories import Story
from sandtable_scenarios.stage.world import Broken, Coverage, Halt, StoryOver, Watch, World


@dataclass(frozen=True, slots=True)
class Profile:
    """How hard to look.

    examples   stories per scenario
    steps      steps per story of a machine
    cards      how often each enumeration is walked through where the stories would be fewer
    tries      replays spent on making the story of one finding shorter, and on its cause
    """

    name: str
    examples: int
    steps: int
    cards: int
    tries: int


PROFILES: Mapping[str, Profile] = {
    "quick": Profile("quick", examples=12, steps=8, cards=1, tries=150),
    "ci": Profile("ci", examples=60, steps=16, cards=4, tries=400),
    "deep": Profile("deep", examples=600, steps=40, cards=20, tries=1500),
}
FEWEST_CUT = 4
"""Stories in a row that end at rules which are broken already, and a quarter of the plan: then a scenario is over."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run looks for, and how.

    ``first`` are stories by scenario that are told before all others; a run that ``stops_at_first`` tells no more
    stories of a scenario once a rule is broken.
    """

    profile: Profile
    random_seed: int = 0
    rules: tuple[str, ...] = ("*",)
    known: Mapping[str, Known] = field(default_factory=dict)
    database: ExampleDatabase | None = None
    first: Mapping[str, tuple[Story, ...]] = field(default_factory=dict)
    stops_at_first: bool = False

    def examples_for(self, scenario: Scenario) -> int:
        """Return how many stories a scenario gets: at least one, and enough to walk through its enumerations."""
        return max(1, round(self.profile.examples * scenario.share), scenario.cards * self.profile.cards)


class Enough(BaseException):
    """The search stops here. No Exception, so that Hypothesis lets it through."""


def hypothesis_settings(plan: Plan, scenario: Scenario) -> settings:
    """Return the Hypothesis settings of one scenario: it draws stories; keeping and shortening them is ours."""
    return settings(
        max_examples=plan.examples_for(scenario),
        stateful_step_count=plan.profile.steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )


def tell_stories(scenario: Scenario, world: World, plan: Plan, heard: Callable[[int, int], None]) -> None:
    """Tell the stories of one scenario; ``heard`` is called with how many were told and how many there are to be."""
    chosen = hypothesis_settings(plan, scenario)
    planned = plan.examples_for(scenario)
    patience = max(FEWEST_CUT, planned // 4)

    def next_story() -> None:
        heard(world.examples, planned)
        if world.cut_in_a_row >= patience or (plan.stops_at_first and world.broken):
            world.is_enough = True
            raise Enough

    if scenario.machine is not None:
        machine = scenario.machine

        def begun() -> Any:
            next_story()
            return machine(world)

        # Hypothesis types its factory as a class; any callable that makes a machine is promised to work.
        make: Any = with_seed(plan.random_seed)(begun)
        run_state_machine_as_test(make, settings=chosen)
        return
    body, deck = scenario.body, Deck(plan.random_seed)
    assert body is not None

    # In this order: a seed that is given after the settings would take them away.
    @chosen
    @with_seed(plan.random_seed)
    @given(st.data())
    def explore(data: st.DataObject) -> None:
        next_story()
        try:
            body(world, Draw(data, deck))
            world.end()
        except StoryOver:
            pass

    explore()


def explore(
    scenario: Scenario, world: World, plan: Plan, heard: Callable[[int, int], None] = lambda told, planned: None
) -> list[Broken]:
    """Explore one scenario; returns each rule that broke with the first story that broke it.

    Stories that are remembered of earlier runs come first. Raises Unavailable and TargetUnreachable.
    """
    world.search(Watch(plan.rules))
    world.known = plan.known
    early: dict[str, Broken] = {}
    for story in (*plan.first.get(scenario.name, ()), *remembered(plan.database, scenario.name)):
        violation = world.replay(story)
        if violation is None:
            forget(plan.database, scenario.name, story)
        elif Watch(plan.rules).minds(violation.rule):
            early.setdefault(world.name_of(violation), Broken(violation, story, 1))
    world.search(Watch(plan.rules))
    world.broken = dict(early)
    try:
        tell_stories(scenario, world, plan, heard)
    except (Enough, Flaky, Halt) as end:
        # Hypothesis may take the end of a search for a story that is told in two ways.
        if world.halted is not None:
            raise world.halted from end
        if not world.is_enough:
            raise
    for broken in world.broken.values():
        remember(plan.database, scenario.name, broken.story)
    return list(world.broken.values())


def stale_differences(
    known: Mapping[str, Known], rules: Iterable[Rule], coverage: Coverage, broken: Collection[str]
) -> tuple[str, ...]:
    """Return the known differences, sorted, whose rules were chosen and exercised, and held all the same.

    One that is known of certain steps only was not looked for where none of them was played.
    """
    watched = {rule.id for rule in rules if coverage.rules[rule.id] > 0}
    return tuple(
        sorted(
            rule
            for rule, each in known.items()
            if rule in watched and rule not in broken and not each.sometimes and _was_played(each, coverage)
        )
    )


def _was_played(known: Known, coverage: Coverage) -> bool:
    return not known.when or any(
        all(not steps or any(coverage.actions[step] for step in steps) for steps in (when.step, when.after))
        for when in known.when
    )


def why_not(scenario: Scenario, world: World) -> str:
    """Return why a scenario cannot run here, or an empty text."""
    missing = scenario.needs - world.instance.capabilities
    if missing:
        return f"the instance offers no {', '.join(sorted(missing))}"
    missing = world.connector.offers.missing(scenario.asks)
    if missing:
        return f"not offered: {', '.join(sorted(missing))}"
    return ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A rule that a scenario found broken."""

    scenario: str
    broken: Broken


def shortest_first(seen: Iterable[Seen], known: Mapping[str, Known]) -> list[Seen]:
    """Return one entry for each rule, in the order in which they were seen: the one with the fewest steps.

    A rule that is broken as it is known to be, and in another way, has two.
    """
    best: dict[tuple[str, bool], Seen] = {}
    for each in seen:
        violation, story = each.broken.violation, each.broken.story
        expected = known.get(violation.rule.id)
        rule = (violation.rule.id, expected is not None and expected.covers(violation.actual, story))
        if rule not in best or len(story.steps) < len(best[rule].broken.story.steps):
            best[rule] = each
    return list(best.values())


def run(
    scenarios: Sequence[Scenario],
    rules: Iterable[Rule],
    world: World,
    plan: Plan,
    listeners: Sequence[Listener] = (),
    *,
    clock: Callable[[], float] = time.monotonic,
) -> RunFinished:
    """Run scenarios in order and return what was found; every event also goes to each listener as it happens."""

    def emit(event: Event) -> None:
        for listener in listeners:
            listener(event)

    began = clock()
    started = RunStarted(
        world.connector.name,
        f"{world.instance.kind} {world.instance.base_url}",
        plan.profile.name,
        plan.random_seed,
        tuple(scenario.name for scenario in scenarios),
        sum(plan.examples_for(scenario) for scenario in scenarios if not why_not(scenario, world)),
        frozenset(rule for scenario in scenarios for rule in scenario.rules),
    )
    emit(started)
    seen: list[Seen] = []
    skipped: list[ScenarioSkipped] = []
    durations: dict[str, float] = {}
    examples = 0
    for scenario in scenarios:
        start = clock()
        try:
            reason = why_not(scenario, world)
            if reason:
                raise Unavailable(reason)
            emit(ScenarioStarted(scenario.name, scenario.title))
            name = scenario.name
            broken = explore(scenario, world, plan, partial(_heard, emit, name))
        except Unavailable as problem:
            skipped.append(ScenarioSkipped(scenario.name, str(problem)))
            emit(skipped[-1])
            continue
        seen += [Seen(scenario.name, each) for each in broken]
        durations[scenario.name] = clock() - start
        examples += world.examples
        seconds, cut_by = durations[scenario.name], tuple(sorted(world.cut_by))
        emit(ScenarioFinished(scenario.name, world.examples, seconds, len(broken), cut_by))
    coverage = Coverage()
    coverage.add(world.coverage.as_dict())
    findings = tuple(told_findings(shortest_first(seen, plan.known), world, plan, emit))
    world.clean_up()
    return finish(started, findings, skipped, rules, coverage, plan, examples, clock() - began, durations, emit)


def _heard(emit: Listener, scenario: str, told: int, planned: int) -> None:
    emit(StoryTold(scenario, told, planned))


def told_findings(seen: Iterable[Seen], world: World, plan: Plan, emit: Listener) -> Iterable[Finding]:
    """Yield a finding for each broken rule: its story made as short as can be, and varied for its cause."""
    told: set[tuple[str, bool]] = set()
    for each in seen:
        finding = finding_of(each.broken, each.scenario, world, plan.known, plan.profile.tries)
        if (finding.rule.id, finding.counts) in told:
            continue
        told.add((finding.rule.id, finding.counts))
        emit(FindingFound(finding))
        yield finding


def finish(
    started: RunStarted,
    findings: tuple[Finding, ...],
    skipped: Sequence[ScenarioSkipped],
    rules: Iterable[Rule],
    coverage: Coverage,
    plan: Plan,
    examples: int,
    seconds: float,
    durations: Mapping[str, float],
    emit: Listener,
) -> RunFinished:
    """Return and emit the end of a run."""
    chosen = tuple(rules)
    finished = RunFinished(
        findings,
        tuple(skipped),
        chosen,
        coverage.as_dict(),
        stale_differences(plan.known, chosen, coverage, {finding.rule.id for finding in findings}),
        examples,
        seconds,
        started,
        durations,
    )
    emit(finished)
    return finished
