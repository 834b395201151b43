"""Sends no observables where there are comments."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.sir",
            "    if observables:\n",
            '    if observables and not params.get("comments"):\n',
        ),
    ),
    scenarios=("security",),
    within=60,
)
