"""Trims and lower-cases the correlation ID before it is sent."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    external_id = params["incident"].get("externalId")\n'),
            (
                '    incident["correlation_id"] = (incident.get("correlation_id") or "").strip().lower() or None\n'
                '    external_id = params["incident"].get("externalId")\n'
            ),
        ),
    ),
    scenarios=(
        "correlation",
        "letter-case",
    ),
    caught_by=("correlation.stored",),
    within=60,
)
