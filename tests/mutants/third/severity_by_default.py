"""Sends severity 3 where none was given."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            (
                "        given = {name: value for name, value in values.items() if value is not None}\n"
                '        if "short_description" in given and self.table == "incident":\n'
                '            given = {"severity": "3", **given}\n'
            ),
        ),
    ),
    scenarios=("worked-on",),
    within=60,
)
