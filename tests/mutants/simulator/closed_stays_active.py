"""Leaves closed incidents active."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.task",
            ('context.current["active"] = "false" if closed else "true"'),
            ('context.current["active"] = "true"'),
        ),
    ),
    scenarios=(
        "correlation",
        "imports",
    ),
    caught_by=(
        "instance.states",
        "close.closes",
        "close.latest-open",
    ),
    within=60,
)
