"""Takes an ID of digits for a number."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    correlation_id = incident.get("correlation_id")\n'),
            (
                '    correlation_id = incident.get("correlation_id")\n'
                '    if correlation_id and correlation_id.isdigit(): incident["correlation_id"] = '
                "str(int(correlation_id))\n"
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
