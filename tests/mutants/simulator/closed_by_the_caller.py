"""Names the caller as who closed a task."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.task",
            "    fill(context, person, context.session.user_sys_id)\n",
            '    fill(context, person, context.current["caller_id"] if person == "closed_by" and context.table == "incident" else context.session.user_sys_id)\n',
        ),
    ),
    scenarios=("lifecycle",),
    caught_by=("instance.states",),
    within=60,
)
