"""Shows what is stored where both values were asked for."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.wire.present",
            ('shown = {"display_value": self._display(holder, column)}'),
            ('shown = {"display_value": value}'),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.display-values",),
    within=60,
)
