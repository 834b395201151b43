"""Takes an external ID for a number."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        seen = _observables(incident)\n",
            "        if target is not None and target.startswith('INC'):\n            rows = self.caller.result('GET', f'/api/now/table/{self.table}?sysparm_query=number={target}')\n            target = rows[0]['sys_id'] if rows else target\n        seen = _observables(incident)\n",
        ),
    ),
    scenarios=("strangers",),
    caught_by=("push.unknown-id",),
    within=60,
    shortest=2,
)
