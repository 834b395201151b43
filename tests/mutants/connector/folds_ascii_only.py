"""Compares IDs that it found with ASCII's letters folded only."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            "return value is None or str(value).strip().casefold() == correlation_id.strip().casefold()",
            "return value is None or str(value).strip().encode().lower() == correlation_id.strip().encode().lower()",
        ),
    ),
    scenarios=("letter-case",),
    within=60,
)
