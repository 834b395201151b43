"""Looks at the ten newest incidents of an ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit("third_party.client", ('&sysparm_limit=1000")\n        wanted'), ('&sysparm_limit=10")\n        wanted')),
    ),
    scenarios=("many",),
    within=60,
)
