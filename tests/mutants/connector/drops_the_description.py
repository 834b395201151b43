"""Leaves the description out."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    external_id = params["incident"].get("externalId")\n'),
            ('    incident.pop("description", None)\n    external_id = params["incident"].get("externalId")\n'),
        ),
    ),
    scenarios=("fields",),
    caught_by=("push.fields",),
    within=20,
)
