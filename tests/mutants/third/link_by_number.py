"""Links to the incident by its number."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client", '{self.table}.do?sys_id={sys_id}"', "{self.table}.do?sys_id={record.get('number')}\""
        ),
    ),
    scenarios=("several",),
    within=60,
)
