"""Sends an event a second time where the first try failed."""

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
                '            self.caller.result("POST", "/api/global/em/jsonv2", {"records": [record]})\n'
            ),
        ),
    ),
    scenarios=("others-fail",),
    within=60,
)
