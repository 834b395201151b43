"""Swaps category and subcategory."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            (
                "        given = {name: value for name, value in values.items() if value is not None}\n"
                '        if "subcategory" in given or "category" in given:\n'
                '            one, two = given.get("category"), given.get("subcategory")\n'
                '            given = {**given, "category": two, "subcategory": one}\n'
                "            given = {name: value for name, value in given.items() if value is not None}\n"
            ),
        ),
    ),
    scenarios=("fields", "worked-on"),
    within=60,
)
