"""Everything there is to rehearse, put together in one place."""

from __future__ import annotations

from fnmatch import fnmatchcase

from sandtable_scenarios.actions import ACTIONS, ENDINGS
from sandtable_scenarios.checks import ALL as RULES
from sandtable_scenarios.machines import ALL as SCENARIOS
from sandtable_scenarios.stage.findings import Rule
from sandtable_scenarios.stage.pictures import learn_blank
from sandtable_scenarios.stage.scenarios import Scenario
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.choosing import connector_from
from sandtable_scenarios.targets.connectors import ConnectorTarget
from sandtable_scenarios.targets.instances import InstanceTarget

__all__ = ["ACTIONS", "RULES", "SCENARIOS", "chosen_scenarios", "rule_ids", "world_for"]


class ChoiceError(ValueError):
    """A rule or scenario pattern that matches nothing; the text lists what there is."""


def rule_ids() -> frozenset[str]:
    """Return the ids of all rules."""
    return frozenset(rule.id for rule in RULES)


def chosen_rules(patterns: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules that any pattern matches; raises ChoiceError for a pattern that matches none."""
    for pattern in patterns:
        if not any(fnmatchcase(rule.id, pattern) for rule in RULES):
            raise ChoiceError(f"no rule matches {pattern!r}; the rules are: {', '.join(sorted(rule_ids()))}")
    return tuple(rule for rule in RULES if any(fnmatchcase(rule.id, pattern) for pattern in patterns))


def chosen_scenarios(rules: tuple[str, ...] = ("*",), names: tuple[str, ...] = ("*",)) -> tuple[Scenario, ...]:
    """Return the scenarios of these names that exercise any of these rules; ChoiceError for a pattern in vain."""
    wanted = {rule.id for rule in chosen_rules(rules)}
    for name in names:
        if not any(fnmatchcase(scenario.name, name) for scenario in SCENARIOS):
            known = ", ".join(scenario.name for scenario in SCENARIOS)
            raise ChoiceError(f"no scenario matches {name!r}; the scenarios are: {known}")
    return tuple(
        scenario
        for scenario in SCENARIOS
        if wanted.intersection(scenario.rules) and any(fnmatchcase(scenario.name, name) for name in names)
    )


def world_for(instance: InstanceTarget, connector: str) -> World:
    """Return a world of this instance and the connector that a command-line value names."""
    return world_of(instance, connector_from(connector))


def world_of(instance: InstanceTarget, connector: ConnectorTarget) -> World:
    """Return a world of two targets."""
    world = World(instance, connector, ACTIONS)
    world.endings = ENDINGS
    world.lessons = (learn_blank,)
    return world
