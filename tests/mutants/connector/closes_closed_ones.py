"""Closes incidents again that are closed already."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ("    if service.is_closed(found):"),
            ("    if False:"),
        ),
    ),
    scenarios=(
        "several",
        "correlation",
    ),
    caught_by=(
        "close.nothing-to-close",
        "close.canceled",
    ),
    within=40,
)
