"""Strips the texts of events."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.itom",
            "record = {name: value for name, value in params.items()",
            "record = {name: value.strip() for name, value in params.items()",
        ),
    ),
    scenarios=("alphabet-of-events",),
    caught_by=("itom.event",),
    within=60,
)
