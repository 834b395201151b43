"""Looks only at the newest incident, and closes nothing when that one is closed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ('service.behaviour.close_target == "latest open"'),
            ('service.behaviour.close_target == "never"'),
        ),
    ),
    scenarios=("several",),
    caught_by=("close.latest-open",),
    within=20,
    shortest=4,
)
