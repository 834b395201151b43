"""Lets a correlation ID of 101 characters through."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ("len(correlation_id) > limit:"),
            ("len(correlation_id) > limit + 1:"),
        ),
    ),
    scenarios=("lengths",),
    caught_by=("correlation.too-long",),
    within=20,
)
