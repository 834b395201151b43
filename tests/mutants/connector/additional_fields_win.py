"""Lets additional fields replace the incident's own."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ('{**(incident.get("additional_fields") or {}), **prefixed}'),
            ('{**prefixed, **(incident.get("additional_fields") or {})}'),
        ),
    ),
    scenarios=("colliding-fields",),
    caught_by=("additional.base-wins",),
    within=20,
)
