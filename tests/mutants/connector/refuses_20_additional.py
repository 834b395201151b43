"""Refuses twenty additional fields."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ("if len(fields) > MOST_ADDITIONAL_FIELDS"),
            ("if len(fields) >= MOST_ADDITIONAL_FIELDS"),
        ),
    ),
    scenarios=("additional-fields",),
    caught_by=("additional.stored",),
    within=20,
)
