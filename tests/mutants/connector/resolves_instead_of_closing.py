"""Sets state 6 when an alert recovers."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ('"state": "7"'),
            ('"state": "6"'),
        ),
    ),
    scenarios=("several",),
    caught_by=(
        "close.closes",
        "close.latest-open",
    ),
    within=10,
)
