"""Empties the correlation ID of an incident that it updates by its sys_id without one."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '            incident["correlation_id"] = None\n',
            '            incident["correlation_id"] = "" if target is not None else None\n',
        ),
    ),
    scenarios=("external-id", "worked-on"),
    within=60,
)
