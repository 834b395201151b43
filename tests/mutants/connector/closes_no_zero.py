"""Looks for no incident when the ID is 0 or false."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ("        if correlation_id:\n"),
            ('        if correlation_id and correlation_id not in ("0", "false"):\n'),
        ),
    ),
    scenarios=("altered",),
    caught_by=("close.closes",),
    within=30,
)
