"""Asks for the choices of three fields at most."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.itsm",
            'return service.choices(params["fields"])',
            'return service.choices(params["fields"][:3])',
        ),
    ),
    scenarios=("questions",),
    caught_by=("asking.choices",),
    within=20,
    shortest=1,
)
