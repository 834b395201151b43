"""An incident that is closed loses its group."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.task",
            '            stamp(context, "closed_at", "closed_by")\n',
            (
                '            stamp(context, "closed_at", "closed_by")\n'
                '            context.current["assignment_group"] = ""\n'
            ),
        ),
    ),
    scenarios=("worked-on", "lifecycle"),
    within=60,
)
