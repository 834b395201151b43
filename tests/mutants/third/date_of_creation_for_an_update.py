"""Reports the time of creation for an update."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            'date = "sys_updated_on" if target is not None else "sys_created_on"',
            'date = "sys_created_on"',
        ),
    ),
    scenarios=("worked-on", "external-id"),
    within=60,
)
