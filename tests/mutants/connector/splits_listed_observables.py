"""Splits the items of a list of observables."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.sir",
            ("_SEPARATORS.split(given) if isinstance(given, str) else given:"),
            ('_SEPARATORS.split(given if isinstance(given, str) else ",".join(given)):'),
        ),
    ),
    scenarios=("security",),
    caught_by=("sir.observables",),
    within=40,
)
