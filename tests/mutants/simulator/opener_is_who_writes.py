"""Takes whoever writes for who opened it."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.task",
            'fill(context, "opened_by", context.current["opened_by"] or context.session.user_sys_id)',
            'context.current["opened_by"] = context.session.user_sys_id',
        ),
    ),
    scenarios=("named",),
    caught_by=("instance.named-values",),
    within=60,
)
