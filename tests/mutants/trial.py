"""One mutant, one process: plant it, run the scenarios where it shows, print what was found as JSON."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, replace
from typing import Any

from tests.mutants.planting import NotPlanted, load, plant


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: the rule and the scenario that caught it after so many examples, or the trouble."""

    name: str
    about: str = ""
    rule: str = ""
    scenario: str = ""
    examples: int = 0
    within: int = 0
    seconds: float = 0.0
    trouble: str = ""

    @property
    def killed(self) -> bool:
        """Whether it was caught by a rule that names it, within its budget."""
        return not self.trouble


def run(name: str, seed: int) -> Verdict:
    """Try one mutant in this process."""
    began = time.monotonic()
    try:
        mutant, about = load(name)
        plant(mutant)
    except NotPlanted as problem:
        return Verdict(name, trouble=f"not planted: {problem}")
    from sandtable_scenarios.catalogue import chosen_scenarios, world_for
    from sandtable_scenarios.engine import PROFILES, Plan, explore
    from sandtable_scenarios.findings import TargetUnreachable, Unavailable
    from sandtable_scenarios.targets.instances import instance_from

    # The first story that breaks a rule is enough here, however long it is.
    plan = Plan(replace(PROFILES["ci"], findings=1, tries=0), seed)
    verdict = Verdict(name, about, within=mutant.within)
    examples = 0
    try:
        world = world_for(
            instance_from("sandtable.library.in_process:rehearsal_instance"), "sandtable_connector.rehearsal:connector"
        )
        for scenario in (each for wanted in mutant.scenarios for each in chosen_scenarios(names=(wanted,))):
            found = explore(scenario, world, plan)
            examples += found[0].examples if found else world.examples
            if found:
                verdict = replace(verdict, rule=found[0].rule.id, scenario=scenario.name)
                break
    except (TargetUnreachable, Unavailable) as problem:
        return replace(verdict, trouble=f"{type(problem).__name__}: {problem}")
    verdict = replace(verdict, examples=examples, seconds=time.monotonic() - began)
    if not verdict.rule:
        return replace(verdict, trouble="survived")
    if mutant.caught_by and verdict.rule not in mutant.caught_by:
        return replace(verdict, trouble=f"caught by another rule than {', '.join(mutant.caught_by)}")
    if examples > mutant.within:
        return replace(verdict, trouble="caught too late")
    return verdict


def main(arguments: list[str]) -> None:
    """Print the verdict on the mutant that the command line names."""
    verdict = run(arguments[0], int(arguments[1]) if len(arguments) > 1 else 0)
    data: dict[str, Any] = verdict.__dict__
    sys.stdout.write(json.dumps(data) + "\n")


if __name__ == "__main__":
    import logging

    logging.root.addHandler(logging.NullHandler())
    main(sys.argv[1:])
