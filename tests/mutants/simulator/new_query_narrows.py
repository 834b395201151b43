"""Takes ^NQ for another condition of the same query."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.query.language.parsing",
            ("        top.alternatives.append([])"),
            ("        pass"),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.query-conditions",),
    within=120,
)
