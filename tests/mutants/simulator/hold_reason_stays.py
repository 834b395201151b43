"""Keeps the reason of a hold that is over."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit("sandtable.core.behaviour.tasks.incident", '        clear(context, "hold_reason")\n', "        pass\n"),
    ),
    scenarios=("lifecycle",),
    caught_by=("instance.life",),
    within=60,
)
