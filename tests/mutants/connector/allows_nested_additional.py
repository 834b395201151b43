"""Lets additional fields hold additional fields, given as JSON text or not."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ('    "correlation_display",\n    "additional_fields",\n'),
            ('    "correlation_display",\n'),
        ),
    ),
    scenarios=("unacceptable-fields",),
    caught_by=("additional.refused",),
    within=40,
)
