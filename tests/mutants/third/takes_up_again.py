"""Puts an incident that it updates by its ID into work."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            (
                "        given = {name: value for name, value in values.items() if value is not None}\n"
                '        if target is not None and "short_description" in given and "work_notes" not in given:\n'
                '            given["state"] = "2"\n'
            ),
        ),
    ),
    scenarios=("external-id", "worked-on"),
    within=60,
)
