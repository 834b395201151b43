"""Sends an empty text for a field that is null."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            '        prefixed = {f"u_{name}": value for name, value in own.items()}',
            '        prefixed = {f"u_{name}": "" if value is None and name in ("description", "category") else value for name, value in own.items()}',
        ),
    ),
    scenarios=("worked-on",),
    within=60,
)
