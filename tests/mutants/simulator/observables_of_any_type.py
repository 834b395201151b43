"""Shares one observable among types."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic_sir",
            "home.table(OBSERVABLES).first(filters=wanted)",
            'home.table(OBSERVABLES).first(filters={"value": value})',
        ),
    ),
    scenarios=("security",),
    within=60,
)
