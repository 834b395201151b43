"""Adds comments in the opposite order."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ("for comment in comments]"),
            ("for comment in reversed(comments)]"),
        ),
    ),
    scenarios=("comments",),
    caught_by=(
        "comments.order",
        "comments.reported",
    ),
    within=40,
)
