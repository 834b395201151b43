"""The class of an event is not stored."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.event_management",
            ('FIELDS = (\n    "source",\n    "event_class",'),
            ('FIELDS = (\n    "source",'),
        ),
    ),
    scenarios=("events",),
    within=60,
)
