"""Empties a column when null is sent for it."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            ('return "" if context.map.copy_empty_fields else None'),
            ('return ""'),
        ),
    ),
    scenarios=("imports",),
    caught_by=(
        "instance.values-kept",
        "instance.import-answer",
        "instance.display-values",
    ),
    within=120,
)
