"""Strikes out long secrets only."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("sandtable_connector.errors", "    SHORTEST = 5\n", "    SHORTEST = 24\n"),),
    scenarios=("overheard",),
    within=60,
)
