"""Drops a category that it does not know."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            "        given = {name: value for name, value in values.items() if value is not None}\n        if given.get('category') not in (None, 'hardware', 'software', 'network', 'inquiry', 'database'):\n            del given['category']\n",
        ),
    ),
    scenarios=("chosen",),
    caught_by=("push.fields",),
    within=60,
)
