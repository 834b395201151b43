"""Offers choices in other languages where there are no English ones."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        return self.caller.result(\n            "GET", f"/api/now/table/sys_choice?sysparm_query={query}&sysparm_fields={wanted}&sysparm_limit=10000"\n        )',
            '        rows = self.caller.result(\n            "GET", f"/api/now/table/sys_choice?sysparm_query={query}&sysparm_fields={wanted}&sysparm_limit=10000"\n        )\n        missing = [name for name in names if not any(row["element"] == name for row in rows)] if isinstance(rows, list) else []\n        if missing:\n            other = quote(f"nameINtask,{self.table}^elementIN{chr(44).join(missing)}", safe="")\n            rows += self.caller.result("GET", f"/api/now/table/sys_choice?sysparm_query={other}&sysparm_fields={wanted}&sysparm_limit=10000")\n        return rows',
        ),
    ),
    scenarios=("questions",),
    caught_by=("asking.choices",),
    within=20,
    shortest=2,
)
