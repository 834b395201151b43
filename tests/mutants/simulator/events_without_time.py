"""Loses the time of an event."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.event_management",
            '    "time_of_event",\n    "resolution_state",',
            '    "resolution_state",',
        ),
    ),
    scenarios=("events",),
    within=60,
)
