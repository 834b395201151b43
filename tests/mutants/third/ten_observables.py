"""Adds ten observables at most."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '    return [{"value": value, "type": kind} for value, kind in found]\n',
            '    return [{"value": value, "type": kind} for value, kind in found][:10]\n',
        ),
    ),
    scenarios=("security",),
    within=60,
)
