"""Strips blanks and line ends from comments."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('service.kind.comment_field: comment["comment"]'),
            ('service.kind.comment_field: comment["comment"].strip()'),
        ),
    ),
    scenarios=("comments",),
    caught_by=("comments.once",),
    within=30,
)
