"""Reports the time of the update for a push without an external ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            '            return self.described(record, "sys_created_on")',
            '            return self.described(record, "sys_updated_on")',
        ),
    ),
    scenarios=("worked-on", "time-zones"),
    within=60,
)
