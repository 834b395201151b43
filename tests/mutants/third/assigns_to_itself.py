"""Assigns an incident that it updates to its own user."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            (
                "        given = {name: value for name, value in values.items() if value is not None}\n"
                '        if target is not None and self.table == "incident" and not self.imports and self.user:\n'
                '            given["assigned_to"] = self.user\n'
            ),
        ),
    ),
    scenarios=("deprecated", "worked-on"),
    within=60,
)
