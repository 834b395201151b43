"""Leaves out the last of several comments."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ("for comment in comments]"),
            ("for comment in (comments[:-1] if len(comments) > 1 else comments)]"),
        ),
    ),
    scenarios=("comments",),
    caught_by=("comments.once",),
    within=40,
)
