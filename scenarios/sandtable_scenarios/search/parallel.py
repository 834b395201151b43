"""Spread scenarios over processes: each has an instance and a connector of its own, and hands back what broke."""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from sandtable_scenarios.search.engine import (
    Plan,
    Seen,
    explore,
    finish,
    shortest_first,
    told_findings,
    why_not,
)
from sandtable_scenarios.stage.events import (
    Event,
    Listener,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioSkipped,
    StoryTold,
)
from sandtable_scenarios.stage.findings import Rule, TargetUnreachable, Unavailable, Violation
from sandtable_scenarios.stage.scenarios import Scenario
from sandtable_scenarios.stage.stories import Story
from sandtable_scenarios.stage.world import Broken, Coverage, World
from sandtable_scenarios.targets.copies import copied


@dataclass(frozen=True, slots=True)
class Setup:
    """How a process makes its targets: the arguments of `instance_from`, and the connector."""

    instance: str
    connector: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_shared(self) -> bool:
        """Whether the instance is one at an address, which all processes would tell their stories to."""
        return self.instance.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Told:
    """What one process says of one scenario."""

    scenario: str
    skipped: str = ""
    unreachable: str = ""
    broken: tuple[tuple[str, str, str, Story, int], ...] = ()
    examples: int = 0
    seconds: float = 0.0
    cut_by: tuple[str, ...] = ()
    coverage: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


_HERE: dict[str, Any] = {}


def _begin(setup: Setup, plan: Plan, copies: str) -> None:
    """Remember, in a new process, what its scenarios are told with; the targets are made when they are needed."""
    import logging

    logging.root.addHandler(logging.NullHandler())
    _HERE.update(setup=setup, plan=plan, copies=copies)


def _world() -> World:
    from sandtable_scenarios.catalogue import world_for
    from sandtable_scenarios.targets.copies import copy_of
    from sandtable_scenarios.targets.instances import instance_from

    if "world" not in _HERE:
        setup: Setup = _HERE["setup"]
        place = copy_of(setup.instance, _HERE["copies"], setup.options) if setup.is_shared else setup.instance
        _HERE["world"] = world_for(instance_from(place, **setup.options), setup.connector)
        gc.freeze()
    world: World = _HERE["world"]
    return world


def _tell(name: str) -> Told:
    from sandtable_scenarios.catalogue import SCENARIOS

    began = time.monotonic()
    scenario = next(each for each in SCENARIOS if each.name == name)
    try:
        world = _world()
        world.coverage = Coverage()
        reason = why_not(scenario, world)
        if reason:
            return Told(name, skipped=reason)
        broken = explore(scenario, world, _HERE["plan"])
    except Unavailable as problem:
        return Told(name, skipped=str(problem))
    except TargetUnreachable as problem:
        return Told(name, unreachable=str(problem))
    return Told(
        name,
        broken=tuple(
            (each.violation.rule.id, each.violation.expected, each.violation.actual, each.story, each.examples)
            for each in broken
        ),
        examples=world.examples,
        seconds=time.monotonic() - began,
        cut_by=tuple(sorted(world.cut_by)),
        coverage=world.coverage.as_dict(),
    )


def run_parallel(
    scenarios: Sequence[Scenario],
    rules: Sequence[Rule],
    world: World,
    plan: Plan,
    listeners: Sequence[Listener],
    *,
    setup: Setup,
    jobs: int,
) -> RunFinished:
    """Run scenarios in so many processes; the findings are told with the world of this one.

    The stories are those of one process, and so are the findings. Of a simulator at an address each process has a
    copy. Raises TargetUnreachable.
    """

    def emit(event: Event) -> None:
        for listener in listeners:
            listener(event)

    began = time.monotonic()
    total = sum(plan.examples_for(scenario) for scenario in scenarios if not why_not(scenario, world))
    started = RunStarted(
        world.connector.name,
        f"{world.instance.kind} {world.instance.base_url}",
        plan.profile.name,
        plan.random_seed,
        tuple(scenario.name for scenario in scenarios),
        total,
        frozenset(rule for scenario in scenarios for rule in scenario.rules),
    )
    emit(started)
    told: dict[str, Told] = {}
    # A fresh interpreter each: what this one has imported and opened must not be shared.
    context = multiprocessing.get_context("spawn")
    with (
        copied(world.instance) if setup.is_shared else nullcontext("") as copies,
        ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(setup, plan, copies)) as pool,
    ):
        # The longest first, so that none of them is begun when the others are done.
        order = sorted(scenarios, key=plan.examples_for, reverse=True)
        waiting: dict[Future[Told], str] = {pool.submit(_tell, scenario.name): scenario.name for scenario in order}
        try:
            for each in _as_they_come(waiting):
                told[each.scenario] = each
                if each.unreachable:
                    raise TargetUnreachable(each.unreachable)
                _heard(each, emit)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    ordered = [told[scenario.name] for scenario in scenarios]
    coverage = Coverage()
    for each in ordered:
        coverage.add(each.coverage)
    known = {rule.id: rule for rule in rules}
    seen = [Seen(each.scenario, broken) for each in ordered for broken in _broken(each, known)]
    findings = tuple(told_findings(shortest_first(seen, plan.known), world, plan, emit))
    world.clean_up()
    return finish(
        started,
        findings,
        [ScenarioSkipped(each.scenario, each.skipped) for each in ordered if each.skipped],
        rules,
        coverage,
        plan,
        sum(each.examples for each in ordered),
        time.monotonic() - began,
        {each.scenario: each.seconds for each in ordered if not each.skipped},
        emit,
    )


def _as_they_come(waiting: Mapping[Future[Told], str]) -> Iterator[Told]:
    for future in as_completed(waiting):
        try:
            yield future.result()
        except BrokenProcessPool as problem:
            raise TargetUnreachable(f"a process ended in scenario {waiting[future]}: {problem}") from problem


def _heard(told: Told, emit: Listener) -> None:
    if told.skipped:
        emit(ScenarioSkipped(told.scenario, told.skipped))
        return
    emit(StoryTold(told.scenario, told.examples, told.examples))
    emit(ScenarioFinished(told.scenario, told.examples, told.seconds, len(told.broken), told.cut_by))


def _broken(told: Told, rules: Mapping[str, Rule]) -> Iterator[Broken]:
    for rule, expected, actual, story, examples in told.broken:
        yield Broken(Violation(rules[rule], expected, actual), story, examples)
