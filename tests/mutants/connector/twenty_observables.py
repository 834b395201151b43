"""Adds the first twenty observables."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.sir",
            "    if observables:\n",
            "    observables = observables[:20]\n    if observables:\n",
        ),
    ),
    scenarios=("alphabet-of-observables",),
    caught_by=("sir.observables",),
    within=60,
)
