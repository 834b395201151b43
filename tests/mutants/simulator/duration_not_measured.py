"""Measures no duration of what is closed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.task",
            "            _measure(context)\n",
            "",
        ),
    ),
    scenarios=("lifecycle", "imports"),
    caught_by=("instance.life",),
    within=40,
)
