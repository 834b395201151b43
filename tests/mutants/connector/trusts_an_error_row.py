"""Takes an import row in status error for a success."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.service",
            ('if row.get("status") == "error":'),
            ("if False:"),
        ),
    ),
    scenarios=(
        "bad-rows",
        "gone",
    ),
    caught_by=("faults.row-error",),
    within=20,
)
