"""Takes canceled incidents for resolved."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.incident",
            'if context.changes_to("state", RESOLVED):',
            'if context.changes_to("state", RESOLVED) or context.changes_to("state", CANCELED):',
        ),
    ),
    scenarios=("lifecycle",),
    caught_by=("instance.life",),
    within=60,
)
