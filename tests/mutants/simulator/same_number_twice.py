"""Gives every second incident the number of the one before."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.platform.writing.numbering",
            ("    return written(series, value)\n"),
            ("    return written(series, value - value % 2)\n"),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.numbers",),
    within=120,
)
