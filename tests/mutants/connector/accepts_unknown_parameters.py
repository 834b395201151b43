"""Sends whatever field an incident has."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ("    return Fields(fields)\n"),
            ("    return Fields(fields, open=True)\n"),
        ),
    ),
    scenarios=(
        "bad-parameters",
        "fields",
    ),
    caught_by=("params.refused",),
    within=30,
)
