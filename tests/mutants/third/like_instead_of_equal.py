"""Looks an ID up as a part."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            'query = quote(f"correlation_id={value}^',
            'query = quote(f"correlation_idLIKE{value}^',
        ),
    ),
    scenarios=("akin",),
    within=60,
)
