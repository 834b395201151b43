"""Offers one choice for each value, whatever it depends on."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        return self.caller.result(\n            "GET", f"/api/now/table/sys_choice?',
            '        rows = self.caller.result(\n            "GET", f"/api/now/table/sys_choice?',
        ),
        Edit(
            "third_party.client",
            '&sysparm_fields={wanted}&sysparm_limit=10000"\n        )\n\n    def fields',
            "&sysparm_fields={wanted}&sysparm_limit=10000\"\n        )\n        return list({(row.get('element'), row.get('value')): row for row in rows}.values()) if isinstance(rows, list) else rows\n\n    def fields",
        ),
    ),
    scenarios=("questions",),
    caught_by=("asking.choices",),
    within=20,
    shortest=2,
)
