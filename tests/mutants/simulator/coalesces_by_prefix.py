"""Coalesces on the beginning of the correlation ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            ('condition(name, "=", value)'),
            ('condition(name, "STARTSWITH", value)'),
        ),
    ),
    scenarios=(
        "measures",
        "imports",
    ),
    caught_by=(
        "instance.coalesce",
        "instance.import-answer",
    ),
    within=120,
)
