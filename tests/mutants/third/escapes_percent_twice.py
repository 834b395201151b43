"""Escapes the percent signs of an ID twice."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            'value = correlation_id.replace("^", "^^")',
            'value = correlation_id.replace("^", "^^").replace("%", "%25")',
        ),
    ),
    scenarios=("odd-characters",),
    within=60,
)
