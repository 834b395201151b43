"""Answers that a record was deleted which is not there."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.apis.table_api",
            ("        access.delete(sys_id)\n"),
            ("        try:\n            access.delete(sys_id)\n        except RecordNotFound:\n            pass\n"),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.missing",),
    within=60,
)
