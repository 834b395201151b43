"""Strips blanks and line ends from descriptions."""

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
                'incident["description"].strip()\n'
            ),
        ),
    ),
    scenarios=("fields",),
    caught_by=("push.fields",),
    within=40,
)
