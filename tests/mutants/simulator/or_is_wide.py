"""Reads OR as the beginning of another query."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.query.language.parsing",
            "            self.alternatives[-1][-1].append(term)",
            "            self.alternatives.append([[term]])",
        ),
    ),
    scenarios=("patterns",),
    caught_by=("instance.query-conditions",),
    within=20,
)
