"""Cuts descriptions at 500 characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    correlation_id = incident.get("correlation_id")\n'),
            (
                '    correlation_id = incident.get("correlation_id")\n'
                '    incident["description"] = incident.get("description") and '
                'incident["description"][:500]\n'
            ),
        ),
    ),
    scenarios=("full-length",),
    caught_by=("push.fields",),
    within=6,
)
