"""Inserts closed incidents that are active."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.task",
            ('    context.current["active"] = "false" if closed else "true"\n'),
            (
                '    context.current["active"] = "false" if closed else "true"\n'
                '    if context.operation == INSERT: context.current["active"] = "true"\n'
            ),
        ),
    ),
    scenarios=("lifecycle",),
    caught_by=("instance.states",),
    within=15,
)
