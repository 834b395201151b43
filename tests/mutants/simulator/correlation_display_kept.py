"""Keeps the first correlation display."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic",
            "        row.existing = first or second\n",
            '        row.existing = first or second\n        if row.existing is not None and row.existing["correlation_display"]:\n            row.target["correlation_display"] = row.existing["correlation_display"]\n',
        ),
    ),
    scenarios=("fields",),
    within=60,
)
