"""Cuts blanks off both ends of an ID that it looks up."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        value = correlation_id.replace("^", "^^")',
            ('        correlation_id = correlation_id.strip()\n        value = correlation_id.replace("^", "^^")'),
        ),
    ),
    scenarios=("twins", "altered"),
    within=60,
    shortest=2,
)
