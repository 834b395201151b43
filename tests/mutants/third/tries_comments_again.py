"""Writes all comments again where one failed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            (
                "        for comment_id, text in comments:\n"
                '            self._written({**incident, "work_notes": text}, extra, told["id"], "sys_updated_on")\n'
            ),
            (
                "        for comment_id, text in comments:\n"
                "            try:\n"
                '                self._written({**incident, "work_notes": text}, extra, told["id"], "sys_updated_on")\n'
                "            except Failed:\n"
                "                for _, each in comments:\n"
                '                    self._written({**incident, "work_notes": each}, extra, told["id"], "sys_updated_on")\n'
            ),
        ),
    ),
    scenarios=("everything-fails",),
    within=60,
)
