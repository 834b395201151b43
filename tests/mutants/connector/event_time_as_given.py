"""Writes the time of an event as it was given."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.itom",
            ('record["time_of_event"] = moment'),
            ('record["time_of_event"] = given'),
        ),
    ),
    scenarios=("events",),
    caught_by=("itom.time",),
    within=20,
)
