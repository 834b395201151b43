"""Answers with no choices where they could not be read."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "            return self.choices(check_fields(given))\n",
            (
                "            try:\n"
                "                return self.choices(check_fields(given))\n"
                "            except Failed:\n"
                "                return []\n"
            ),
        ),
    ),
    scenarios=("everything-fails",),
    within=60,
)
