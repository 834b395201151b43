"""Adds comments in the order of their IDs."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ("for comment in comments]"),
            ('for comment in sorted(comments, key=lambda c: c["commentId"])]'),
        ),
    ),
    scenarios=("comments",),
    caught_by=("comments.order",),
    within=30,
)
