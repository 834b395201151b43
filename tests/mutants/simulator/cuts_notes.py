"""Cuts work notes at 1000 characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.platform.writing.coercion",
            ("text[: column.max_length]"),
            ("text[:1000]"),
        ),
    ),
    scenarios=("measures",),
    caught_by=("instance.work-notes",),
    within=10,
)
