"""Pushes again without additional fields where the first try failed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '            rows = self.caller.result("POST", f"/api/now/import/{scope}_{table}", body)\n',
            (
                '            path = f"/api/now/import/{scope}_{table}"\n'
                "            try:\n"
                '                rows = self.caller.result("POST", path, body)\n'
                "            except Failed:\n"
                "                if not added:\n"
                "                    raise\n"
                '                rows = self.caller.result("POST", path, {name: value for name, value in body.items() if name not in added})\n'
            ),
        ),
    ),
    scenarios=("everything-fails",),
    within=60,
)
