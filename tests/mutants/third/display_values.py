"""Reads an incident with display values."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "{self.table}/{quote(sys_id, safe='')}\")\n\n    def _written",
            "{self.table}/{quote(sys_id, safe='')}?sysparm_display_value=true\")\n\n    def _written",
        ),
    ),
    scenarios=("questions",),
    within=60,
)
