"""Sends no close code and no close notes."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ('{"state": "7", "close_code": "Closed/Resolved by Caller", "close_notes": "Closed by Caller"}'),
            ('{"state": "7"}'),
        ),
    ),
    scenarios=("fired-again",),
    caught_by=("close.reason",),
    within=40,
)
