"""Sends no correlation ID at all."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    external_id = params["incident"].get("externalId")\n'),
            ('    incident["correlation_id"] = None\n    external_id = params["incident"].get("externalId")\n'),
        ),
    ),
    scenarios=("correlation",),
    caught_by=(
        "correlation.stored",
        "correlation.update",
    ),
    within=20,
)
