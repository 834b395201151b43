"""Takes a percent sign and an underscore for patterns."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.query.sql.dialect",
            ('.replace("%", "\\\\%").replace("_", "\\\\_")'),
            (""),
        ),
    ),
    scenarios=("patterns",),
    caught_by=("instance.query-conditions",),
    within=12,
)
