"""Drops control characters and blanks without a width from an ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    correlation_id = incident.get("correlation_id")\n'),
            (
                "    import re\n"
                '    correlation_id = incident.get("correlation_id")\n'
                '    if correlation_id: incident["correlation_id"] = '
                're.sub("[\\x00-\\x08\\x0b-\\x1f\\x7f\\u200b\\ufeff\\u00a0\\u2028]", "", correlation_id)\n'
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
