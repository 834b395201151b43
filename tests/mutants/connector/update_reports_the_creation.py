"""Reports the time of creation for an update by its sys_id."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            (
                "            record = self.read_incident(sys_id)\n"
                '            return self.described(record, "sys_updated_on")'
            ),
            (
                "            record = self.read_incident(sys_id)\n"
                '            return self.described(record, "sys_created_on")'
            ),
        ),
    ),
    scenarios=("worked-on", "external-id"),
    within=60,
)
