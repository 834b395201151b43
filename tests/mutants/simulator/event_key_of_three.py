"""Makes a message key of three parts."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.event_management",
            'KEY_PARTS = ("source", "node", "type", "resource", "metric_name")',
            'KEY_PARTS = ("source", "node", "type")',
        ),
    ),
    scenarios=("events",),
    caught_by=("instance.event-key",),
    within=60,
)
