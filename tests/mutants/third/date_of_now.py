"""Reports the time of its own machine."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("third_party.client", "        moment = record.get(date)\n", "        moment = None\n"),),
    scenarios=("time-zones", "worked-on"),
    within=60,
)
