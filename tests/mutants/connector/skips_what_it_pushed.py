"""Answers a push that is equal to the last one of its incident without making it."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            (
                '    external_id = params["incident"].get("externalId")\n'
                "    if external_id is None:\n"
                "        pushed = service.create_incident(incident)\n"
            ),
            (
                '    external_id = params["incident"].get("externalId")\n'
                '    key = (service.config.api_url, incident.get("correlation_id"))\n'
                "    if external_id is None and key[1] and _LAST.get(key, (None,))[0] == incident:\n"
                "        pushed = dict(_LAST[key][1])\n"
                "    elif external_id is None:\n"
                "        pushed = service.create_incident(incident)\n"
                "        _LAST[key] = (incident, pushed)\n"
            ),
        ),
        Edit("sandtable_connector.services.pushing", "_REOPENED = ", ("_LAST: dict[object, Any] = {}\n_REOPENED = ")),
    ),
    scenarios=("behind-its-back",),
    within=60,
)
