"""Takes an external ID of nothing for none at all."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        target = incident.pop("externalId", None)\n',
            '        target = incident.pop("externalId", None) or None\n',
        ),
    ),
    scenarios=("empty-external-id",),
    within=60,
)
