"""Looks only at incidents of the last thirty days."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '^ORDERBYDESCsys_created_on"',
            '^sys_created_onRELATIVEGT@dayofweek@ago@30^ORDERBYDESCsys_created_on"',
        ),
    ),
    scenarios=("long-ago",),
    within=60,
)
