"""Leaves empty texts out of an event, as if they were null."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.itom",
            ("for name, value in params.items() if value is not None}"),
            ("for name, value in params.items() if value}"),
        ),
    ),
    scenarios=("events",),
    caught_by=("itom.empty-text",),
    within=20,
)
