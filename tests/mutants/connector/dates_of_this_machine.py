"""Reads the date of a written incident in the time zone of its own machine."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.values.dates",
            ("_moment(*map(int, match.groups()), zone=UTC) if match else None"),
            ("_moment(*map(int, match.groups()), zone=None) if match else None"),
        ),
    ),
    scenarios=("time-zones",),
    caught_by=("push.date",),
    within=10,
)
