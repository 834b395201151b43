"""Sends impact and urgency 3 where none was given."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            '        prefixed = {f"u_{name}": value for name, value in own.items()}',
            '        prefixed = {f"u_{name}": "3" if value is None and name in ("impact", "urgency") else value for name, value in own.items()}',
        ),
    ),
    scenarios=("worked-on",),
    within=60,
)
