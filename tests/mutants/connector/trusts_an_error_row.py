"""Takes an import row in status error for a success."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ("                sys_id = self._imported(self.prepared(opened))\n"),
            (
                "                try:\n"
                "                    sys_id = self._imported(self.prepared(opened))\n"
                "                except RowRefused:\n"
                '                    return {"id": "", "title": ""}\n'
            ),
        ),
    ),
    scenarios=("bad-rows",),
    caught_by=("faults.row-error",),
    within=20,
    shortest=2,
)
