"""Writes URLs in small letters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "                found[value, kind] = None\n",
            '                found[value.lower() if kind == "URL" else value, kind] = None\n',
        ),
    ),
    scenarios=("security",),
    within=60,
)
