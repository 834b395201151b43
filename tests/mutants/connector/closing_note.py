"""Leaves a work note when it closes."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ('"close_notes": "Closed by Caller"}'),
            ('"close_notes": "Closed by Caller", "work_notes": "recovered"}'),
        ),
    ),
    scenarios=("several",),
    caught_by=("close.leaves-the-rest",),
    within=10,
)
