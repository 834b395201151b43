"""Takes several observables in one text for one."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.sir",
            ("_SEPARATORS.split(given) if isinstance(given, str)"),
            ("[given] if isinstance(given, str)"),
        ),
    ),
    scenarios=("security",),
    caught_by=("sir.observables",),
    within=20,
)
