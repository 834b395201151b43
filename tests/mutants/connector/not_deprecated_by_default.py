"""Takes a connector without the flag for one with the application."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.config",
            ("Flag(True)"),
            ("Flag(False)"),
        ),
    ),
    scenarios=("deprecated",),
    caught_by=(
        "deprecated.works",
        "deprecated.no-additional-fields",
        "deprecated.no-coalesce",
    ),
    within=20,
)
