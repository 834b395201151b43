"""Keeps a priority that somebody gave."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.priority",
            ("if not always and"),
            ("if"),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.priority",),
    within=40,
)
