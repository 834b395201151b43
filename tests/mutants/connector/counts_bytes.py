"""Counts the bytes of a correlation ID, not its characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ("len(correlation_id) > limit:"),
            ("len(correlation_id.encode()) > limit:"),
        ),
    ),
    scenarios=("lengths",),
    caught_by=(
        "correlation.longest",
        "push.succeeds",
    ),
    within=20,
)
