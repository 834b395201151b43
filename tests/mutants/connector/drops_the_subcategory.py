"""Drops the subcategory."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ('if name not in ("additional_fields", "externalId")}\n        if not self.imports'),
            ('if name not in ("additional_fields", "externalId", "subcategory")}\n        if not self.imports'),
        ),
    ),
    scenarios=("fields", "worked-on"),
    within=60,
)
