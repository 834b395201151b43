"""Leaves empty descriptions out."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            "        given = {name: value for name, value in values.items() if value is not None}\n        if given.get('description') == '':\n            del given['description']\n",
        ),
    ),
    scenarios=("chosen",),
    caught_by=("push.sends-all-of-it",),
    within=60,
)
