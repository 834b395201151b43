"""Keeps canceled incidents active."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.task",
            '    closed = context.current["state"] in closing\n',
            '    closed = context.current["state"] in closing and context.current["state"] != "8"\n',
        ),
    ),
    scenarios=("lifecycle",),
    within=60,
)
