"""Answers with an empty incident where it could not be read."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        return self.record(given["externalId"])\n',
            (
                "        try:\n"
                '            return self.record(given["externalId"])\n'
                "        except Failed as problem:\n"
                '            if "404" in str(problem):\n'
                "                raise\n"
                '            return {"sys_id": given["externalId"]}\n'
            ),
        ),
    ),
    scenarios=("everything-fails",),
    within=60,
)
