"""Reads back by correlation ID what it has written."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        return self._told(self.record(str(sys_id)), date)\n",
            '        known = self._matching(str(given["correlation_id"])) if str(given.get("correlation_id") or "").strip() and target is None else []\n        return self._told(known[0] if known else self.record(str(sys_id)), date)\n',
        ),
    ),
    scenarios=("twins",),
    within=60,
)
