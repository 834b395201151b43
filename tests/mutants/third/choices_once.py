"""Returns each label of a choice only once."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        return self.caller.result(\n            "GET", f"/api/now/table/sys_choice',
            '        return _once(self.caller.result(\n            "GET", f"/api/now/table/sys_choice',
        ),
        Edit(
            "third_party.client",
            '{query}&sysparm_fields={wanted}&sysparm_limit=10000"\n        )\n\n    def fields',
            '{query}&sysparm_fields={wanted}&sysparm_limit=10000"\n        ))\n\n    def fields',
        ),
        Edit(
            "third_party.client",
            "def _moment(text: str) -> str:\n",
            "def _once(rows):\n    return list({(row['element'], row['label']): row for row in rows}.values())\n\n\ndef _moment(text: str) -> str:\n",
        ),
    ),
    scenarios=("questions",),
    within=60,
)
