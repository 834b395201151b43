"""Looks only at incidents of this year."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '^ORDERBYDESCsys_created_on"',
            '^sys_created_onONThis year@javascript:gs.beginningOfThisYear()@javascript:gs.endOfThisYear()^ORDERBYDESCsys_created_on"',
        ),
    ),
    scenarios=("long-ago",),
    within=60,
)
