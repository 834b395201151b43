"""A row that updates an incident makes the loading user its opener."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            "        record = access.update(before.sys_id, context.target)\n",
            (
                '        if before.table == "incident":\n'
                '            context.target["opened_by"] = context.session.user_sys_id\n'
                "        record = access.update(before.sys_id, context.target)\n"
            ),
        ),
    ),
    scenarios=("worked-on",),
    within=60,
)
