"""Refuses a correlation ID of exactly 100 characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ("len(correlation_id) > limit:"),
            ("len(correlation_id) >= limit:"),
        ),
    ),
    scenarios=("lengths",),
    caught_by=("correlation.longest",),
    within=20,
)
