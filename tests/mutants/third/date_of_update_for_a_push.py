"""Reports the time of the update for a push without an external ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            'date = "sys_updated_on" if target is not None else "sys_created_on"',
            'date = "sys_updated_on"',
        ),
    ),
    scenarios=("worked-on", "time-zones"),
    within=60,
)
