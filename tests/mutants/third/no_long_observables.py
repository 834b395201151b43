"""Leaves out observables of more than 64 characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "            if value:\n                found[value, kind]",
            "            if value and len(value) <= 64:\n                found[value, kind]",
        ),
    ),
    scenarios=("alphabet-of-observables",),
    caught_by=("sir.observables",),
    within=60,
)
