"""``python -m tests.scenarios.twenty_seeds [COUNT]``: clean connectors are clean, whatever the random seed.

Prints a line for each connector and seed; exit code 1 when a rule was found broken, which is a false alarm.
"""

from __future__ import annotations

import logging
import sys

from sandtable_scenarios.catalogue import RULES, SCENARIOS, world_for
from sandtable_scenarios.search.engine import PROFILES, Plan, run
from sandtable_scenarios.targets.instances import SIMULATOR, instance_from

CLEAN = ("sandtable_connector.rehearsal:connector", "sandtable_scenarios.plain.client:connector")


def main(arguments: list[str]) -> int:
    """Tell the stories of so many random seeds, twenty by default."""
    logging.root.addHandler(logging.NullHandler())
    alarms = 0
    for name in CLEAN:
        instance = instance_from(SIMULATOR)
        world = world_for(instance, name)
        for random_seed in range(int(arguments[0]) if arguments else 20):
            finished = run(SCENARIOS, RULES, world, Plan(PROFILES["quick"], random_seed))
            broken = ", ".join(finding.rule.id for finding in finished.findings)
            alarms += len(finished.findings)
            told = f"{finished.examples:>5} stories  {finished.seconds:7.1f} s  {broken or 'clean'}"
            print(f"{name:<48} seed {random_seed:>2}  {told}", flush=True)  # noqa: T201 - what it is for
        world.connector.close()
        instance.close()
    return 1 if alarms else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
