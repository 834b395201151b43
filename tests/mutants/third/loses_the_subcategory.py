"""Drops the subcategory."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            (
                "        given = {name: value for name, value in values.items() if value is not None}\n"
                '        given.pop("subcategory", None)\n'
            ),
        ),
    ),
    scenarios=("fields", "worked-on"),
    within=60,
)
