"""Shows large numbers without their thousands apart."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.platform.display",
            ('return f"{sign}{int(digits):,}{point}{rest}"'),
            ("return stored"),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.display-values",),
    within=60,
)
