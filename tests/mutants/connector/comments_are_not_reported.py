"""Does not answer which comments were added."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ('        pushed["comments"] = ['),
            ("        _ = ["),
        ),
    ),
    scenarios=("comments",),
    caught_by=("comments.reported",),
    within=20,
)
