"""Sends the null fields of an event as nulls."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.itom",
            ("{name: value for name, value in params.items() if value is not None}"),
            ('{name: value for name, value in params.items() if value or name != "time_of_event"}'),
        ),
    ),
    scenarios=("events",),
    caught_by=("itom.empty-text",),
    within=20,
)
