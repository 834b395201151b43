"""Gives security incidents a priority where none was given."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            (
                "        given = {name: value for name, value in values.items() if value is not None}\n"
                '        if self.table == "sn_si_incident" and "short_description" in given:\n'
                '            given.setdefault("priority", "3")\n'
            ),
        ),
    ),
    scenarios=("security",),
    within=60,
)
