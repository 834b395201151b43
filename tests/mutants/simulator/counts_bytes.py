"""Counts bytes where a column holds characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.schema.stored_values",
            ("return text if len(text) <= column.max_length or kind in WHOLE_TYPES else text[: column.max_length]"),
            (
                "return text if len(text.encode()) <= column.max_length or kind in WHOLE_TYPES "
                'else text.encode()[: column.max_length].decode(errors="ignore")'
            ),
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
