"""Links to the staging table instead of the record."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.wire.answers",
            "table/{outcome.get('table', '')}/",
            "table/{transaction.table}/",
        ),
    ),
    scenarios=("imports", "measures"),
    caught_by=("instance.import-answer",),
    within=40,
)
