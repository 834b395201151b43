"""Takes line ends out of IDs."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        target = incident.pop("externalId", None)\n',
            '        target = incident.pop("externalId", None)\n        if incident.get("correlation_id"):\n            incident["correlation_id"] = " ".join(incident["correlation_id"].splitlines())\n',
        ),
    ),
    scenarios=("altered",),
    within=60,
)
