"""An incident that is closed loses its severity."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.behaviour.tasks.task",
            '            stamp(context, "closed_at", "closed_by")\n',
            ('            stamp(context, "closed_at", "closed_by")\n            context.current["severity"] = "3"\n'),
        ),
    ),
    scenarios=("worked-on", "lifecycle"),
    within=60,
)
