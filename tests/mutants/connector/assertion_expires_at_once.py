"""Makes assertions that have expired before they arrive."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.assertion",
            ('"exp": issued + LIFETIME'),
            ('"exp": issued - LIFETIME'),
        ),
    ),
    scenarios=("jwt",),
    caught_by=("auth.jwt",),
    within=20,
)
