"""Answers the fields without their labels."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            ("max_length,element,column_label,mandatory"),
            ("max_length,element"),
        ),
    ),
    scenarios=("questions",),
    caught_by=("asking.fields",),
    within=10,
)
