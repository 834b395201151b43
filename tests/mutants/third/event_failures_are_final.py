"""Marks an event that failed as not worth another try."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        self.caller.result("POST", "/api/global/em/jsonv2", {"records": [record]})\n',
            (
                "        try:\n"
                '            self.caller.result("POST", "/api/global/em/jsonv2", {"records": [record]})\n'
                "        except Failed as problem:\n"
                "            raise Failed(str(problem), retry=False) from None\n"
            ),
        ),
    ),
    scenarios=("others-fail",),
    within=60,
)
