"""Counts UTF-16 units, so that an emoji is two characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ("len(correlation_id) > limit:"),
            ('len(correlation_id.encode("utf-16-le")) // 2 > limit:'),
        ),
    ),
    scenarios=("lengths",),
    caught_by=(
        "correlation.longest",
        "push.succeeds",
    ),
    within=40,
)
