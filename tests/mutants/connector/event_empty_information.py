"""Leaves empty information of events out."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.itom",
            "for name, value in params.items() if value is not None}",
            "for name, value in params.items() if value is not None and value != '{}'}",
        ),
    ),
    scenarios=("alphabet-of-events",),
    caught_by=("itom.event",),
    within=60,
)
