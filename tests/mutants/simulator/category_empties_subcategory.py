"""Empties the subcategory where a row brings a category alone."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic",
            "        row.existing = first or second\n",
            '        row.existing = first or second\n        if row.source["u_category"] and not row.source["u_subcategory"]:\n            row.target["subcategory"] = ""\n',
        ),
    ),
    scenarios=("worked-on",),
    within=60,
)
