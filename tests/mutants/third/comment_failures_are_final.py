"""Marks a comment that failed as not worth another try."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '            self._written({**incident, "work_notes": text}, extra, told["id"], "sys_updated_on")\n',
            (
                "            try:\n"
                '                self._written({**incident, "work_notes": text}, extra, told["id"], "sys_updated_on")\n'
                "            except Failed as problem:\n"
                "                raise Failed(str(problem), retry=False) from None\n"
            ),
        ),
    ),
    scenarios=("everything-fails",),
    within=60,
)
