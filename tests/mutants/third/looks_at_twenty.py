"""Looks at the twenty newest incidents of an ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit("third_party.client", ('&sysparm_limit=1000")\n        wanted'), ('&sysparm_limit=20")\n        wanted')),
    ),
    scenarios=("many",),
    within=60,
    shortest=2,
)
