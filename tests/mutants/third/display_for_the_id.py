"""Takes the display for the ID where there is no ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '            incident["correlation_id"] = None\n',
            '            incident["correlation_id"] = (incident.get("correlation_display") or "")[:100] or None\n',
        ),
    ),
    scenarios=("alike",),
    caught_by=("correlation.invented",),
    within=60,
)
