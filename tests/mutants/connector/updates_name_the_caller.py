"""Names caller and opener in updates as well."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            '                sys_id = self._imported({**self.prepared(incident), "elastic_incident_id": incident_id})',
            (
                '                opened = {**incident, "caller_id": self.caller, "opened_by": self.caller}\n'
                '                sys_id = self._imported({**self.prepared(opened), "elastic_incident_id": incident_id})'
            ),
        ),
    ),
    scenarios=("worked-on", "external-id"),
    within=60,
)
