"""Remembers for the process that the application is not there."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '            self.caller.result("GET", f"/api/{scope}/elastic_api/health")\n',
            '            if self.caller._tokens.get("down"):\n                raise Failed("the application is not installed", retry=True)\n            try:\n                self.caller.result("GET", f"/api/{scope}/elastic_api/health")\n            except Failed:\n                self.caller._tokens["down"] = True\n                raise\n',
        ),
    ),
    scenarios=("everything-fails",),
    within=60,
)
