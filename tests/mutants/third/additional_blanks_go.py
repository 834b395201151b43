"""Leaves empty additional fields out."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "added = {name: value for name, value in extra.items() if name not in own}",
            'added = {name: value for name, value in extra.items() if name not in own and value != ""}',
        ),
    ),
    scenarios=("additional-fields",),
    within=60,
)
