"""Leaves additional fields out without the application, and says nothing."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            '        if not self.imports and incident.get("additional_fields") is not None:\n            raise ParametersRefused(NOT_WITH_DEPRECATED, status=400)',
            "        return",
        ),
    ),
    scenarios=("deprecated",),
    caught_by=("deprecated.no-additional-fields",),
    within=40,
)
