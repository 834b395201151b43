"""Lets additional fields hold the correlation display, which is a field of its own."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ('    "correlation_id",\n    "correlation_display",\n    "additional_fields",\n'),
            ('    "correlation_id",\n    "additional_fields",\n'),
        ),
    ),
    scenarios=("unacceptable-fields",),
    caught_by=("additional.refused",),
    within=40,
)
