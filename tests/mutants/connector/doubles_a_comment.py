"""Adds a single comment twice."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ("for comment in comments]"),
            ("for comment in (comments if len(comments) > 1 else comments * 2)]"),
        ),
    ),
    scenarios=("comments",),
    caught_by=("comments.once",),
    within=40,
)
