"""Keeps the closing time of a reopened incident."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.task",
            ('        clear(context, "closed_at", "closed_by", "business_duration", "calendar_duration")'),
            ("        pass"),
        ),
    ),
    scenarios=("lifecycle",),
    caught_by=("instance.states",),
    within=30,
)
