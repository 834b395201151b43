"""Looks the priority up when the impact changes."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.priority",
            '_INPUTS = ("impact", "urgency", "priority")',
            '_INPUTS = ("impact", "priority")',
        ),
    ),
    scenarios=("priorities",),
    caught_by=("instance.priority",),
    within=60,
)
