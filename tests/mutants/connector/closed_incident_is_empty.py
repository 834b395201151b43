"""Answers nothing of an incident that is closed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.itsm",
            'return service.read_incident(params["externalId"]) if service.behaviour.get_incident_reads else {}',
            'found = service.read_incident(params["externalId"])\n    return {} if service.is_closed(found) else found',
        ),
    ),
    scenarios=("questions",),
    caught_by=("asking.incident",),
    within=20,
    shortest=3,
)
