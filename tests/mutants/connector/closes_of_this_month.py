"""Looks only at incidents of the last thirty days."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            "ORDERBYDESCsys_created_on^correlation_id=",
            "ORDERBYDESCsys_created_on^sys_created_onRELATIVEGT@dayofweek@ago@30^correlation_id=",
        ),
    ),
    scenarios=("long-ago",),
    within=60,
)
