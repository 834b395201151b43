"""Doubles only the first caret of an ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("third_party.client", 'correlation_id.replace("^", "^^")', 'correlation_id.replace("^", "^^", 1)'),),
    scenarios=("odd-characters",),
    within=60,
)
