"""Closes the incident that was touched last, not the one that was opened last."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            ("ORDERBYDESCsys_created_on^corr"),
            ("ORDERBYDESCsys_updated_on^corr"),
        ),
    ),
    scenarios=("several",),
    caught_by=("close.latest-open",),
    within=20,
)
