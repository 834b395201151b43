"""Keeps one character less than a column holds."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.schema.stored_values",
            ("return text if len(text) <= column.max_length or kind in WHOLE_TYPES else text[: column.max_length]"),
            ("return text[: column.max_length - (column.max_length == 100)]"),
        ),
    ),
    scenarios=(
        "measures",
        "lengths",
    ),
    caught_by=(
        "instance.values-kept",
        "correlation.stored",
        "correlation.longest",
    ),
    within=60,
)
