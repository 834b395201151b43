"""Does not count reopenings."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.incident",
            'int(previous["reopen_count"] or 0) + 1',
            'int(previous["reopen_count"] or 0)',
        ),
    ),
    scenarios=("lifecycle",),
    caught_by=("instance.life",),
    within=60,
)
