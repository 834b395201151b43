"""Answers ok for an event that was not taken."""

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
                "        except Failed:\n"
                "            pass\n"
            ),
        ),
    ),
    scenarios=("others-fail",),
    within=60,
)
