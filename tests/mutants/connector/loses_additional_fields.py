"""Does not send additional fields."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ('{**(incident.get("additional_fields") or {}), **prefixed}'),
            ("prefixed"),
        ),
    ),
    scenarios=("additional-fields",),
    caught_by=("additional.stored",),
    within=40,
)
