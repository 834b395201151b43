"""Leaves the correlation ID out of updates."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            '        given = {name: value for name, value in values.items() if value is not None}\n        if target is not None:\n            given.pop("correlation_id", None)\n',
        ),
    ),
    scenarios=("external-id",),
    within=60,
)
