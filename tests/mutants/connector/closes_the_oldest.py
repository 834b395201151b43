"""Closes the oldest open incident instead of the latest."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ("next((row for row in candidates if"),
            ("next((row for row in candidates[::-1] if"),
        ),
    ),
    scenarios=("several",),
    caught_by=(
        "close.latest-open",
        "correlation.bystanders",
    ),
    within=20,
)
