"""Takes incidents on hold for closed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("third_party.client", 'ENDED = ("7", "8")', 'ENDED = ("3", "7", "8")'),),
    scenarios=("several",),
    caught_by=("close.latest-open",),
    within=60,
)
