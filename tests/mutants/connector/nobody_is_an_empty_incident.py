"""Answers an empty incident for a sys_id that none has."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.itsm",
            ('return service.read_incident(params["externalId"]) if'),
            ('return _quiet(service, params["externalId"]) if'),
        ),
        Edit(
            "sandtable_connector.services.itsm",
            ("def handshake("),
            (
                "def _quiet(service, i):\n"
                "    try:\n"
                "        return service.read_incident(i)\n"
                "    except Exception:\n"
                "        return {}\n"
                "\n"
                "\n"
                "def handshake("
            ),
        ),
    ),
    scenarios=("questions",),
    caught_by=("asking.incident",),
    within=10,
)
