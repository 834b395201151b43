"""Sends observables of new incidents only."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        if seen and self.imports:\n",
            "        if seen and self.imports and target is None:\n",
        ),
    ),
    scenarios=("security",),
    caught_by=("sir.observables",),
    within=60,
)
