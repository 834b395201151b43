"""A row's ID is compared without the blanks at its ends."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            ("        value = context.target[entry.target_field]\n        if not value"),
            (
                "        value = context.target[entry.target_field] = context.target[entry.target_field].rstrip()\n"
                "        if not value"
            ),
        ),
    ),
    scenarios=("twins", "altered"),
    within=60,
)
