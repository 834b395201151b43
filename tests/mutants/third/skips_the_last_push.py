"""Answers a push that is equal to the last one to its incident without making it."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "    tokens: dict[object, tuple[str, float]] = {}\n",
            ("    tokens: dict[object, tuple[str, float]] = {}\n    last: dict[str, Any] = {}\n"),
        ),
        Edit(
            "third_party.client",
            '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n',
            (
                '            given = request["params"].get("subActionParams") or {}\n'
                '            incident = given.get("incident") if isinstance(given, dict) else None\n'
                '            key = str(incident.get("correlation_id")) if isinstance(incident, dict) else ""\n'
                '            if key in last and last[key][0] == request["params"] and not given.get("comments"):\n'
                '                return {"status": "ok", "data": last[key][1]}\n'
                '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n'
                '            if request["params"]["subAction"] == "pushToService":\n'
                '                last[key] = (request["params"], data)\n'
            ),
        ),
    ),
    scenarios=("behind-its-back",),
    within=60,
)
