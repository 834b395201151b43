"""Drops soft hyphens and joiners from IDs."""

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
                '            incident["correlation_id"] = re.sub("[\\u00ad\\u200c\\u200d\\ufe0f]", "", incident["correlation_id"])\n'
            ),
        ),
    ),
    scenarios=("altered", "odd-characters"),
    within=60,
)
