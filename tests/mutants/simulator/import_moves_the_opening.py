"""A row that updates an incident moves the time at which it was opened."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            "        record = access.update(before.sys_id, context.target)\n",
            (
                '        if before.table == "incident":\n'
                '            context.target["opened_at"] = context.instance.clock.text()\n'
                "        record = access.update(before.sys_id, context.target)\n"
            ),
        ),
    ),
    scenarios=("worked-on",),
    within=60,
)
