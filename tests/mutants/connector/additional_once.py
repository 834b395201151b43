"""Sends additional fields with new incidents only."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ('sys_id = self._imported({**self.prepared(incident), "elastic'),
            (
                "sys_id = self._imported({**self.prepared({k: v for k, v in incident.items() if k != "
                '"additional_fields"}), "elastic'
            ),
        ),
    ),
    scenarios=("additional-fields",),
    caught_by=("additional.stored",),
    within=30,
)
