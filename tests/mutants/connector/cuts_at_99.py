"""Cuts the correlation ID at 99 characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    external_id = params["incident"].get("externalId")\n'),
            (
                '    incident["correlation_id"] = (incident.get("correlation_id") or "")[:99] or None\n'
                '    external_id = params["incident"].get("externalId")\n'
            ),
        ),
    ),
    scenarios=("lengths",),
    caught_by=(
        "correlation.stored",
        "correlation.create",
        "close.closes",
    ),
    within=20,
)
