"""Accepts more additional fields than allowed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ("len(fields) > MOST_ADDITIONAL_FIELDS"),
            ("len(fields) > 2 * MOST_ADDITIONAL_FIELDS"),
        ),
    ),
    scenarios=("unacceptable-fields",),
    caught_by=("additional.refused",),
    within=40,
)
