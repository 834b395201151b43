"""Compares IDs with their letter case when it closes."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ("str(value).strip().casefold() == correlation_id.strip().casefold()"),
            ("str(value) == correlation_id"),
        ),
    ),
    scenarios=("letter-case",),
    caught_by=(
        "close.closes",
        "close.latest-open",
    ),
    within=40,
)
