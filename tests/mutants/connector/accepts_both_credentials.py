"""Accepts a key beside a password."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.validation",
            ("    if any(foreign):"),
            ("    if False:"),
        ),
    ),
    scenarios=("misconfigured",),
    caught_by=("config.refused",),
    within=30,
)
