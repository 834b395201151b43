"""One mutant, one process: plant it, run the scenarios where it shows, print what was found as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.mutants.planting import THIRD_PARTY, NotPlanted, load, plant


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: the rule and the scenario that caught it after so many examples, or the trouble."""

    name: str
    about: str = ""
    rule: str = ""
    scenario: str = ""
    profile: str = ""
    examples: int = 0
    within: int = 0
    steps: int = 0
    shortest: int = 0
    is_shortest: bool = False
    suspect: str = ""
    story: str = ""
    seconds: float = 0.0
    trouble: str = ""

    @property
    def killed(self) -> bool:
        """Whether it was caught by a rule that names it, within its budget."""
        return not self.trouble


def run(name: str, random_seed: int = 0, *, shorten: bool = True, profiles: Sequence[str] = ("quick", "ci")) -> Verdict:
    """Try one mutant in this process."""
    began = time.monotonic()
    try:
        mutant, about = load(name)
        plant(mutant)
    except NotPlanted as problem:
        return Verdict(name, trouble=f"not planted: {problem}")
    from sandtable_scenarios.catalogue import chosen_scenarios, world_for
    from sandtable_scenarios.search.engine import PROFILES, Plan, explore
    from sandtable_scenarios.search.telling import finding_of
    from sandtable_scenarios.stage.findings import TargetUnreachable, Unavailable
    from sandtable_scenarios.targets.instances import instance_from

    verdict = Verdict(name, about, within=mutant.within, shortest=mutant.shortest)
    world = world_for(
        instance_from("sandtable.library.in_process:rehearsal_instance"),
        f"{THIRD_PARTY}.client:connector" if name.startswith("third/") else "sandtable_connector.rehearsal:connector",
    )
    scenarios = [each for wanted in mutant.scenarios for each in chosen_scenarios(names=(wanted,))]
    examples = 0
    try:
        for profile in profiles:
            plan = Plan(PROFILES[profile], random_seed, mutant.caught_by or ("*",), stops_at_first=True)
            examples = 0
            for scenario in scenarios:
                found = explore(scenario, world, plan)
                if found:
                    first = found[0]
                    tries = PROFILES[profile].tries if shorten else 0
                    told = finding_of(first, scenario.name, world, {}, tries)
                    return replace(
                        verdict,
                        rule=told.rule.id,
                        scenario=scenario.name,
                        profile=profile,
                        examples=examples + first.examples,
                        steps=len(told.story.steps),
                        is_shortest=told.is_shortest,
                        suspect=told.suspect,
                        story=told.story.as_program(),
                        seconds=time.monotonic() - began,
                    )
                examples += world.examples
    except (TargetUnreachable, Unavailable) as problem:
        return replace(verdict, trouble=f"{type(problem).__name__}: {problem}")
    return replace(verdict, examples=examples, seconds=time.monotonic() - began, trouble="survived")


def main(arguments: list[str]) -> None:
    """Print the verdict on the mutant that the command line names."""
    verdict = run(
        arguments[0],
        int(arguments[1]) if len(arguments) > 1 else 0,
        shorten="fast" not in arguments,
        profiles=("quick",) if "fast" in arguments else ("quick", "ci"),
    )
    data: dict[str, Any] = verdict.__dict__
    sys.stdout.write(json.dumps(data) + "\n")


if __name__ == "__main__":
    import logging

    logging.root.addHandler(logging.NullHandler())
    main(sys.argv[1:])
