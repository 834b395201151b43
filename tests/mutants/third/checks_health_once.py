"""Asks the application once whether it is there."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '            self.caller.result("GET", f"/api/{scope}/elastic_api/health")\n',
            (
                "            if scope not in HEALTHY:\n"
                '                self.caller.result("GET", f"/api/{scope}/elastic_api/health")\n'
                "                HEALTHY.add(scope)\n"
            ),
        ),
        Edit("third_party.client", "Execute = Callable", ("HEALTHY: set[str] = set()\nExecute = Callable")),
    ),
    scenarios=("no-application", "behind-its-back"),
    within=60,
)
