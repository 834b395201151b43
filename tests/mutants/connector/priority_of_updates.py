"""Leaves the priority out of updates."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            '                sys_id = self._imported({**self.prepared(incident), "elastic_incident_id": incident_id})',
            '                prepared = self.prepared(incident)\n                prepared.pop("u_priority", None)\n                sys_id = self._imported({**prepared, "elastic_incident_id": incident_id})',
        ),
    ),
    scenarios=("security",),
    within=60,
)
