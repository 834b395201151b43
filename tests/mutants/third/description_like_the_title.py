"""Leaves a description out that equals the short description."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            '        given = {name: value for name, value in values.items() if value is not None}\n        if given.get("description") == given.get("short_description"):\n            given.pop("description", None)\n',
        ),
    ),
    scenarios=("fields",),
    within=60,
)
