"""Puts the impact back when it closes."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ('"close_notes": "Closed by Caller"}'),
            ('"close_notes": "Closed by Caller", "impact": "3"}'),
        ),
    ),
    scenarios=("several",),
    caught_by=("close.leaves-the-rest",),
    within=30,
)
