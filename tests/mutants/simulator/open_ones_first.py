"""Prefers an open incident to an older closed one."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic",
            "        if not found:\n            return None\n        return found[-1]",
            '        if not found:\n            return None\n        found.sort(key=lambda each: each["active"] != "true")\n        return found[-1]',
        ),
    ),
    scenarios=("policies",),
    caught_by=("instance.coalesce-several",),
    within=60,
)
