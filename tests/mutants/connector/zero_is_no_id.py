"""Takes the IDs 0 and false for none."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    correlation_id = incident.get("correlation_id")\n'),
            (
                '    correlation_id = incident.get("correlation_id")\n'
                '    if correlation_id in ("0", "false"): incident["correlation_id"] = None\n'
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
