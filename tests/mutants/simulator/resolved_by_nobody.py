"""Does not say who resolved an incident."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.incident",
            '    elif context.changes_to("state", CLOSED):\n',
            '    elif context.changes_to("state", CLOSED) and context.current["resolved_at"]:\n',
        ),
    ),
    scenarios=("lifecycle",),
    caught_by=("instance.life",),
    within=60,
)
