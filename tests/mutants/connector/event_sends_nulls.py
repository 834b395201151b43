"""Sends null fields of an event as the word null."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.itom",
            ("{name: value for name, value in params.items() if value is not None}"),
            (
                '{name: "null" if value is None and name != "time_of_event" else value for name, value in params.items()}'
            ),
        ),
    ),
    scenarios=("events",),
    caught_by=("itom.event",),
    within=20,
)
