"""Answers inserted, whatever was done."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            ('state = UPDATED if record["sys_mod_count"] != before["sys_mod_count"] else IGNORED'),
            ("state = INSERTED"),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.import-answer",),
    within=60,
)
