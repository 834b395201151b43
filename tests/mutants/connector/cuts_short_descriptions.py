"""Cuts short descriptions at 100 characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    correlation_id = incident.get("correlation_id")\n'),
            (
                '    correlation_id = incident.get("correlation_id")\n'
                '    incident["short_description"] = incident["short_description"][:100]\n'
            ),
        ),
    ),
    scenarios=(
        "full-length",
        "fields",
    ),
    caught_by=("push.fields",),
    within=10,
)
