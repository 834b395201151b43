"""Takes resolved incidents for closed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("third_party.client", 'ENDED = ("7", "8")', 'ENDED = ("6", "7", "8")'),),
    scenarios=("several",),
    within=60,
)
