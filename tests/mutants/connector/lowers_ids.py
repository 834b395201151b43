"""Sends IDs in small letters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    correlation_id = incident.get("correlation_id")\n'),
            (
                '    correlation_id = incident.get("correlation_id")\n'
                '    if correlation_id: incident["correlation_id"] = correlation_id.lower()\n'
            ),
        ),
    ),
    scenarios=("altered",),
    caught_by=(
        "correlation.stored",
        "correlation.create",
    ),
    within=30,
)
