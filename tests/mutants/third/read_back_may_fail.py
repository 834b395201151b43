"""Answers ok with the sys_id alone where the incident cannot be read back."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        return self._told(self.record(str(sys_id)), date)\n",
            (
                "        try:\n"
                "            return self._told(self.record(str(sys_id)), date)\n"
                "        except Failed:\n"
                '            return {"id": sys_id, "pushedDate": "2020-01-01T00:00:00.000Z"}\n'
            ),
        ),
    ),
    scenarios=("everything-fails", "one-fault"),
    within=60,
)
