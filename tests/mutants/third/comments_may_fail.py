"""Takes no notice of a comment that failed."""

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
                "            except Failed:\n"
                "                pass\n"
            ),
        ),
    ),
    scenarios=("everything-fails", "one-fault"),
    within=60,
    shortest=2,
)
