"""Measures a correlation ID without the blanks at its ends, and sends it with them."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ("len(correlation_id) > limit:"),
            ("len(correlation_id.strip()) > limit:"),
        ),
    ),
    scenarios=(
        "lengths",
        "overlong",
    ),
    caught_by=("correlation.too-long",),
    within=60,
)
