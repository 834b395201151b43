"""Makes one blank of several in an ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    correlation_id = incident.get("correlation_id")\n'),
            (
                '    correlation_id = incident.get("correlation_id")\n'
                '    if correlation_id and correlation_id.strip(): incident["correlation_id"] = " '
                '".join(correlation_id.split())\n'
            ),
        ),
    ),
    scenarios=("altered",),
    caught_by=(
        "correlation.create",
        "correlation.stored",
    ),
    within=30,
)
