"""Puts an apostrophe before IDs that a spreadsheet takes for a formula."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        target = incident.pop("externalId", None)\n',
            (
                '        target = incident.pop("externalId", None)\n'
                '        if (incident.get("correlation_id") or "")[:1] in tuple("=+-@"):\n'
                '            incident["correlation_id"] = "\'" + incident["correlation_id"]\n'
            ),
        ),
    ),
    scenarios=("altered", "odd-characters"),
    within=60,
)
