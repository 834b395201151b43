"""Lists a hundred rows where no limit is asked for."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.wire.parameters",
            "DEFAULT_LIMIT = 10_000",
            "DEFAULT_LIMIT = 100",
        ),
    ),
    scenarios=("many",),
    caught_by=("close.latest-open",),
    within=6,
)
