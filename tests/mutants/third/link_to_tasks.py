"""Links to the list of tasks."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("third_party.client", "uri={self.table}.do", "uri=task.do"),),
    scenarios=("fields",),
    within=60,
)
