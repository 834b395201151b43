"""Takes only state 7 for closed, so that canceled incidents are closed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ("isinstance(state, str) and state in self.behaviour.closed_states"),
            ('state == "7"'),
        ),
    ),
    scenarios=("several",),
    caught_by=(
        "close.canceled",
        "close.nothing-to-close",
        "close.latest-open",
    ),
    within=40,
)
