"""Does not compare ports."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.security.cors_rules",
            ("origin.port"),
            ("self.port"),
        ),
    ),
    scenarios=(
        "browsers",
        "wildcards",
    ),
    caught_by=("cors.strangers",),
    within=60,
)
