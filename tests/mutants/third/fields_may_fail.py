"""Answers with no fields where they could not be read."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "            return self.fields()\n",
            (
                "            try:\n"
                "                return self.fields()\n"
                "            except Failed:\n"
                "                return []\n"
            ),
        ),
    ),
    scenarios=("everything-fails",),
    within=60,
)
