"""Finds what holds a text where it asks for what ends with it."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.query.sql.dialect",
            ("{'' if place == 'end' else '%'}"),
            ("%"),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.query-conditions",),
    within=90,
)
