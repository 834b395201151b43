"""Dates the closing anew when a closed one is canceled."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("sandtable.core.behaviour.tasks.task", "        if not was_closed:\n", "        if True:\n"),),
    scenarios=("lifecycle",),
    caught_by=("instance.life",),
    within=60,
)
