"""Answers another ID for a comment than the one it came with."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('{"commentId": comment["commentId"], "pushedDate"'),
            ('{"commentId": str(0), "pushedDate"'),
        ),
    ),
    scenarios=("comments",),
    caught_by=("comments.reported",),
    within=20,
)
