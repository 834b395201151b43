"""Takes a work note of the caller for an answer to a question."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit("sandtable.core.behaviour.tasks.incident", 'entry.element == "comments" and entry.text', "entry.text"),
    ),
    scenarios=("comments",),
    caught_by=("push.keeps-state",),
    within=60,
)
