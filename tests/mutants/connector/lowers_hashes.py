"""Lowers the letters of a hash."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.sir",
            ("seen[value, kind] = None"),
            ('seen[value.lower() if kind == "SHA256" else value, kind] = None'),
        ),
    ),
    scenarios=("security",),
    caught_by=("sir.observables",),
    within=30,
)
