"""Every scenario as one pytest test; collected with ``pytest --pyargs sandtable_scenarios.suite``."""

from __future__ import annotations

import pytest

from sandtable_scenarios.catalogue import chosen_scenarios, rule_ids
from sandtable_scenarios.expected import load_known
from sandtable_scenarios.pytest_plugin import option
from sandtable_scenarios.report.terminal import finding_lines
from sandtable_scenarios.search.engine import PROFILES, Plan, Seen, explore, shortest_first, told_findings, why_not
from sandtable_scenarios.search.remembering import database_at
from sandtable_scenarios.stage.findings import Unavailable
from sandtable_scenarios.stage.scenarios import Scenario
from sandtable_scenarios.stage.world import World


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each chosen scenario a test of its own."""
    if "scenario" in metafunc.fixturenames:
        config = metafunc.config
        rules = tuple(option(config, "rules").split(","))
        names = tuple(option(config, "scenarios").split(","))
        chosen = chosen_scenarios(rules, names)
        metafunc.parametrize("scenario", chosen, ids=[scenario.name for scenario in chosen])


@pytest.fixture(scope="session")
def sandtable_plan(pytestconfig: pytest.Config) -> Plan:
    """How hard to look, as the options say."""
    profile = option(pytestconfig, "profile")
    if profile not in PROFILES:
        raise pytest.UsageError(f"--sandtable-profile must be one of {', '.join(PROFILES)}, not {profile!r}")
    expect = option(pytestconfig, "expect")
    known = load_known(expect, rule_ids()) if expect else {}
    rules = tuple(option(pytestconfig, "rules").split(","))
    seed, place = int(option(pytestconfig, "random-seed")), option(pytestconfig, "database")
    try:
        database = database_at(place)
    except ImportError as problem:
        raise pytest.UsageError(str(problem)) from problem
    return Plan(PROFILES[profile], seed, rules, known, database)


def test_scenario(scenario: Scenario, sandtable_world: World, sandtable_plan: Plan) -> None:
    """Explore one scenario; fails when a rule breaks that is not a known difference."""
    world = sandtable_world
    try:
        reason = why_not(scenario, world)
        if reason:
            raise Unavailable(reason)
        broken = explore(scenario, world, sandtable_plan)
    except Unavailable as reason:
        pytest.skip(str(reason))
    seen = shortest_first((Seen(scenario.name, each) for each in broken), sandtable_plan.known)
    findings = told_findings(seen, world, sandtable_plan, lambda event: None)
    lines = [line for finding in findings if finding.counts for line in [*finding_lines(finding), ""]]
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)
