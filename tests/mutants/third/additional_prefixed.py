"""Puts u_ before additional fields that have none."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "added = {name: value for name, value in extra.items() if name not in own}",
            'added = {name if name.startswith("u_") else f"u_{name}": value for name, value in extra.items() if name not in own}',
        ),
    ),
    scenarios=("additional-fields",),
    within=60,
)
