"""An observable is linked each time that it is sent."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic_sir",
            "    if home.table(LINKS).first(filters=link) is None:\n",
            "    if True:\n",
        ),
    ),
    scenarios=("security",),
    within=60,
)
