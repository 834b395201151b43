"""Gives the description the text of the short one where there is none."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            (
                "        given = {name: value for name, value in values.items() if value is not None}\n"
                '        if "short_description" in given:\n'
                '            given.setdefault("description", given["short_description"])\n'
            ),
        ),
    ),
    scenarios=("worked-on",),
    within=60,
    shortest=1,
)
