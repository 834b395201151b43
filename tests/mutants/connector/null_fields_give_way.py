"""Lets an additional field fill a form field that is null."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            '        prefixed = {f"u_{name}": value for name, value in own.items()}',
            '        prefixed = {f"u_{name}": value for name, value in own.items() if value is not None}',
        ),
    ),
    scenarios=("colliding-fields", "worked-on"),
    within=60,
    shortest=2,
)
