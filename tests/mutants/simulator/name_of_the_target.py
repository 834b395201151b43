"""Names the number of another column in the answer of an import."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            '"display_value": record_display(context.session, record.table, record.sys_id),',
            '"display_value": context.row.sys_id,',
        ),
    ),
    scenarios=("imports",),
    within=60,
)
