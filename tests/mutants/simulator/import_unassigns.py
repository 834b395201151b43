"""A row that updates an incident takes it from whom it is assigned to."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            "        record = access.update(before.sys_id, context.target)\n",
            (
                '        if before.table == "incident":\n'
                '            context.target["assigned_to"] = ""\n'
                "        record = access.update(before.sys_id, context.target)\n"
            ),
        ),
    ),
    scenarios=("worked-on",),
    within=60,
    shortest=3,
)
