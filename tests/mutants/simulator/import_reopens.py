"""Reopens a resolved incident that an import updates."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            "        record = access.update(before.sys_id, context.target)\n",
            '        if before.get("state") == "6":\n            context.target["state"] = "2"\n        record = access.update(before.sys_id, context.target)\n',
        ),
    ),
    scenarios=("fired-again",),
    within=60,
)
