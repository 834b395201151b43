"""A row that updates an incident resets impact and urgency that it does not give."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            "        record = access.update(before.sys_id, context.target)\n",
            (
                '        if before.table == "incident":\n'
                '            for element in ("impact", "urgency"):\n'
                '                context.target.setdefault(element, "3")\n'
                "        record = access.update(before.sys_id, context.target)\n"
            ),
        ),
    ),
    scenarios=("worked-on",),
    within=60,
)
