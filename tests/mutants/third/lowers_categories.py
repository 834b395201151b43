"""Lowers categories."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            "        given = {name: value for name, value in values.items() if value is not None}\n        given = {k: v.lower() if k in ('category', 'subcategory') else v for k, v in given.items()}\n",
        ),
    ),
    scenarios=("chosen",),
    caught_by=("push.sends-what-was-given",),
    within=60,
)
