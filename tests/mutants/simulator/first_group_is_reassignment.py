"""Counts the first group as a reassignment."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.task",
            '    if previous["assignment_group"]:\n',
            "    if True:\n",
        ),
    ),
    scenarios=("worked-on",),
    caught_by=("instance.life",),
    within=40,
)
