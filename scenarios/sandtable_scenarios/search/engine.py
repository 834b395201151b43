"""Run scenarios and turn what breaks into findings."""

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
from hypothesis.errors import Flaky, Unsatisfiable, UnsatisfiedAssumption
from hypothesis.stateful import run_state_machine_as_test

from sandtable_scenarios.report.curl import curl_lines
from sandtable_scenarios.search.remembering import ScenarioDatabase
from sandtable_scenarios.stage.events import (
    Event,
    FindingFound,
    Listener,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioSkipped,
    ScenarioStarted,
)
from sandtable_scenarios.stage.findings import Finding, Known, Rule, Unavailable, Violation
from sandtable_scenarios.stage.scenarios import Scenario
from sandtable_scenarios.stage.stories import Story
from sandtable_scenarios.stage.world import Coverage, Enough, Halt, Watch, World


@dataclass(frozen=True, slots=True)
class Profile:
    """How hard to look.

    examples   stories per scenario
    steps      steps per story of a machine
    findings   different rules to report per scenario
    tries      examples spent on making the story of a finding shorter
    """

    name: str
    examples: int
    steps: int
    findings: int
    tries: int


PROFILES: Mapping[str, Profile] = {
    "quick": Profile("quick", examples=12, steps=8, findings=3, tries=40),
    "ci": Profile("ci", examples=60, steps=16, findings=8, tries=80),
    "deep": Profile("deep", examples=600, steps=40, findings=20, tries=1500),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run looks for, and how."""

    profile: Profile
    seed: int = 0
    rules: tuple[str, ...] = ("*",)
    known: Mapping[str, Known] = field(default_factory=dict)
    database: ExampleDatabase | None = None

    def examples_for(self, scenario: Scenario) -> int:
        """Return how many examples a scenario gets: at least one."""
        return max(1, round(self.profile.examples * scenario.share))


def hypothesis_settings(plan: Plan, scenario: Scenario, muted: frozenset[str] = frozenset()) -> settings:
    """Return the Hypothesis settings of one scenario: no deadline, no printing, one bug at a time.

    Each set of muted rules has stories of its own in the database: one that broke a muted rule would be forgotten.
    """
    place = "/".join([scenario.name, *sorted(muted)])
    return settings(
        max_examples=plan.examples_for(scenario),
        stateful_step_count=plan.profile.steps,
        deadline=None,
        database=ScenarioDatabase(plan.database, place) if plan.database is not None else None,
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    )


def run_once(scenario: Scenario, world: World, plan: Plan) -> None:
    """Explore one scenario until a watched rule breaks; raises what Hypothesis raises."""
    chosen = hypothesis_settings(plan, scenario, world.watch.muted)
    if scenario.machine is not None:
        # Hypothesis types its factory as a class; any callable that makes a machine is promised to work.
        make: Any = with_seed(plan.seed)(partial(scenario.machine, world))
        run_state_machine_as_test(make, settings=chosen)
        return
    body = scenario.body
    assert body is not None

    # In this order: a seed that is given after the settings would take the database away from them.
    @chosen
    @with_seed(plan.seed)
    @given(st.data())
    def explore(data: st.DataObject) -> None:
        body(world, data)

    explore()


def finding_of(world: World, scenario: Scenario, plan: Plan, notes: tuple[str, ...] = ()) -> Finding:
    """Return the finding that the world's last violation stands for, with its shortest story."""
    violation = world.violation
    assert violation is not None
    return Finding(
        rule=violation.rule,
        scenario=scenario.name,
        expected=violation.expected,
        actual=violation.actual,
        story=world.broken_story,
        curl=tuple(curl_lines(world.broken_requests, world.instance.base_url)),
        known=plan.known.get(violation.rule.id),
        examples=world.found_after,
        notes=notes,
    )


def explore(scenario: Scenario, world: World, plan: Plan, muted: frozenset[str] = frozenset()) -> list[Finding]:
    """Explore one scenario; returns one finding for each different rule that breaks, up to the profile's number.

    Rules in ``muted`` are broken already; a story that breaks one of them again ends there and counts for nothing.
    """
    found: list[Finding] = []
    while len(found) < plan.profile.findings:
        world.search(Watch(plan.rules, muted), tries=plan.profile.tries)
        notes: tuple[str, ...] = ()
        try:
            run_once(scenario, world, plan)
        except (Violation, Enough):
            pass
        except (Halt, Flaky) as problem:
            # Hypothesis may take the end of a search by Enough or Halt for a story that is told in two ways.
            if world.halted is not None:
                raise world.halted from problem
            if world.violation is None:
                raise
            if not world.is_short_enough:
                notes = ("not every replay of this story broke the rule: something outside the story plays a part",)
        except Unsatisfiable:
            break
        else:
            break
        found.append(finding_of(world, scenario, plan, notes))
        muted |= {found[-1].rule.id}
    return found


def stale_differences(
    known: Mapping[str, Known], rules: Iterable[Rule], coverage: Coverage, broken: Collection[str]
) -> tuple[str, ...]:
    """Return the known differences, sorted, whose rules were chosen and exercised, and held all the same."""
    watched = {rule.id for rule in rules if coverage.rules[rule.id] > 0}
    return tuple(sorted(rule for rule in known if rule in watched and rule not in broken))


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
        plan.seed,
        tuple(scenario.name for scenario in scenarios),
    )
    emit(started)
    findings: list[Finding] = []
    skipped: list[ScenarioSkipped] = []
    durations: dict[str, float] = {}
    examples = 0
    for scenario in scenarios:
        missing = scenario.needs - world.instance.capabilities
        if missing:
            skipped.append(ScenarioSkipped(scenario.name, f"the instance offers no {', '.join(sorted(missing))}"))
            emit(skipped[-1])
            continue
        emit(ScenarioStarted(scenario.name, scenario.title))
        start = clock()
        try:
            found = explore(scenario, world, plan, frozenset(finding.rule.id for finding in findings))
        except Unavailable as reason:
            skipped.append(ScenarioSkipped(scenario.name, str(reason)))
            emit(skipped[-1])
            continue
        for finding in found:
            emit(FindingFound(finding))
        findings.extend(found)
        durations[scenario.name] = clock() - start
        examples += world.examples
        seconds, cut_by = durations[scenario.name], tuple(sorted(world.cut_by))
        emit(ScenarioFinished(scenario.name, world.examples, seconds, len(found), cut_by))
    world.clean_up()
    broken = {finding.rule.id for finding in findings}
    chosen = tuple(rules)
    stale = stale_differences(plan.known, chosen, world.coverage, broken)
    finished = RunFinished(
        tuple(findings),
        tuple(skipped),
        chosen,
        world.coverage.as_dict(),
        stale,
        examples,
        clock() - began,
        started,
        durations,
    )
    emit(finished)
    return finished


def replay(story: Story, world: World) -> Violation | None:
    """Play a saved story in a fresh world; returns the violation it ends in, or None when every rule holds."""
    world.search(Watch())
    world.begin(**story.setting)
    try:
        for step in story.steps:
            world.play(step)
    except Violation as violation:
        return violation
    except UnsatisfiedAssumption:
        return None
    return None
