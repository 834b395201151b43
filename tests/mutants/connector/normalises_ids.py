"""Composes the letters of an ID with their accents."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('    correlation_id = incident.get("correlation_id")\n'),
            (
                "    import unicodedata\n"
                '    correlation_id = incident.get("correlation_id")\n'
                '    if correlation_id: incident["correlation_id"] = unicodedata.normalize("NFC", '
                "correlation_id)\n"
            ),
        ),
    ),
    scenarios=("altered",),
    caught_by=(
        "correlation.create",
        "correlation.stored",
        "correlation.bystanders",
    ),
    within=30,
)
