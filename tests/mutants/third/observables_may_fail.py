"""Takes no notice of observables that were not added."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '            self.caller.result("POST", f"/api/{scope}/elastic_api/incident/{told[\'id\']}/observables/bulk", seen)\n',
            (
                "            try:\n"
                '                self.caller.result("POST", f"/api/{scope}/elastic_api/incident/{told[\'id\']}/observables/bulk", seen)\n'
                "            except Failed:\n"
                "                pass\n"
            ),
        ),
    ),
    scenarios=("others-fail",),
    within=60,
)
