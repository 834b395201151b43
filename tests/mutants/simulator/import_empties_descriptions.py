"""A row that gives no description empties it."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            ('    if not text:\n        return "" if context.map.copy_empty_fields else None'),
            (
                "    if not text:\n"
                '        return "" if context.map.copy_empty_fields or entry.target_field == "subcategory" else None'
            ),
        ),
    ),
    scenarios=("worked-on",),
    within=60,
)
