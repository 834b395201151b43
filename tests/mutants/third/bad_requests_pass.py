"""Takes a bad request for something that passes."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit("third_party.calls", "PASSING = frozenset({408, 425, 429})", "PASSING = frozenset({400, 408, 425, 429})"),
    ),
    scenarios=("refused",),
    within=60,
)
