"""Looks an ID with a comma up as several."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client", 'query = quote(f"correlation_id={value}^', 'query = quote(f"correlation_idIN{value}^'
        ),
    ),
    scenarios=("odd-characters", "altered"),
    within=60,
)
