"""Looks the priority up by the urgency alone."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.priority",
            ('(context.current["impact"], context.current["urgency"])'),
            ('(context.current["urgency"], context.current["urgency"])'),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.priority",),
    within=40,
)
