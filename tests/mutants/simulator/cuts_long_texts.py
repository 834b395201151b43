"""Cuts texts at 2000 characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.schema.stored_values",
            ("return text if len(text) <= column.max_length or kind in WHOLE_TYPES else text[: column.max_length]"),
            ("return text[: min(2000, column.max_length)]"),
        ),
    ),
    scenarios=("measures",),
    caught_by=("instance.values-kept",),
    within=10,
)
