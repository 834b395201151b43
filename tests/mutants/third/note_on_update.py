"""Writes a comment for customers with each update."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            (
                "        given = {name: value for name, value in values.items() if value is not None}\n"
                '        if target is not None and "short_description" in given:\n'
                '            given["comments"] = "Updated by the connector"\n'
            ),
        ),
    ),
    scenarios=("worked-on", "external-id"),
    within=60,
)
