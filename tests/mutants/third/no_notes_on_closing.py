"""Closes without notes."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("third_party.client", ', "close_notes": "Closed by Caller"}', "}"),),
    scenarios=("several",),
    caught_by=("close.reason",),
    within=60,
)
