"""Updates the incident that it once made for an ID, whatever became of it."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "    tokens: dict[object, tuple[str, float]] = {}\n",
            ("    tokens: dict[object, tuple[str, float]] = {}\n    mine: dict[str, str] = {}\n"),
        ),
        Edit(
            "third_party.client",
            '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n',
            (
                "            import copy as _copy\n"
                "            request = _copy.deepcopy(dict(request))\n"
                '            given = request["params"].get("subActionParams") or {}\n'
                '            incident = given.get("incident") if isinstance(given, dict) else None\n'
                '            key = incident.get("correlation_id") if isinstance(incident, dict) else None\n'
                '            pushed = request["params"]["subAction"] == "pushToService" and key\n'
                '            if pushed and key in mine and not incident.get("externalId"):\n'
                '                incident["externalId"] = mine[key]\n'
                '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n'
                "            if pushed:\n"
                '                mine[key] = data["id"]\n'
            ),
        ),
    ),
    scenarios=("behind-its-back", "correlation"),
    within=60,
)
