"""Leaves the correlation display out of updates."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        date = "sys_updated_on" if target is not None else "sys_created_on"\n        told',
            '        if target is not None:\n            incident.pop("correlation_display", None)\n        date = "sys_updated_on" if target is not None else "sys_created_on"\n        told',
        ),
    ),
    scenarios=("worked-on", "fields"),
    caught_by=("push.fields", "push.sends-all-of-it"),
    within=60,
)
