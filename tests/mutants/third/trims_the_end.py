"""Cuts blanks off the end of an ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        target = incident.pop("externalId", None)\n',
            (
                '        target = incident.pop("externalId", None)\n'
                '        if incident.get("correlation_id"):\n'
                '            incident["correlation_id"] = incident["correlation_id"].rstrip()\n'
            ),
        ),
    ),
    scenarios=("twins", "altered"),
    within=60,
)
