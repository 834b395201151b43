"""Drops an observable that another field holds as well."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "                found[value, kind] = None\n",
            "                if not any(known == value for known, _ in found):\n                    found[value, kind] = None\n",
        ),
    ),
    scenarios=("security",),
    within=60,
)
