"""Sends the impact as urgency and the urgency as impact."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    external_id = params["incident"].get("externalId")\n'),
            (
                '    incident["impact"], incident["urgency"] = incident.get("urgency"), incident.get("impact")\n'
                '    external_id = params["incident"].get("externalId")\n'
            ),
        ),
    ),
    scenarios=("fields",),
    caught_by=("push.fields",),
    within=20,
)
