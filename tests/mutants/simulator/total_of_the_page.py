"""Tells the number of rows of the page as the total."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.apis.table_api",
            ('answer.headers["X-Total-Count"] = str(page.total)'),
            ('answer.headers["X-Total-Count"] = str(len(page.records))'),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.pages",),
    within=120,
)
