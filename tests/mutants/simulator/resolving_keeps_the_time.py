"""Does not time what a resolution took."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit("sandtable.core.behaviour.tasks.incident", '        fill(context, "calendar_stc", str(seconds))\n', ""),
    ),
    scenarios=("lifecycle",),
    caught_by=("instance.life",),
    within=60,
)
