"""Sends the values of additional fields as Python prints them."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ('{**(incident.get("additional_fields") or {}), **prefixed}'),
            ('{**{k: str(v) for k, v in (incident.get("additional_fields") or {}).items()}, **prefixed}'),
        ),
    ),
    scenarios=("additional-fields",),
    caught_by=("additional.stored",),
    within=30,
)
