"""Cuts comments at 1000 characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('service.kind.comment_field: comment["comment"]'),
            ('service.kind.comment_field: comment["comment"][:1000]'),
        ),
    ),
    scenarios=(
        "full-length",
        "comments",
    ),
    caught_by=("comments.once",),
    within=10,
)
