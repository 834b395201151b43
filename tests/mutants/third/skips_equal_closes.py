"""Closes an alert's incident once, and then never again."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "    tokens: dict[object, tuple[str, float]] = {}\n",
            ("    tokens: dict[object, tuple[str, float]] = {}\n    closed: set[str] = set()\n"),
        ),
        Edit(
            "third_party.client",
            '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n',
            (
                '            params = request["params"]\n'
                '            key = str((params.get("subActionParams") or {}))\n'
                '            if params["subAction"] == "closeIncident" and key in closed:\n'
                '                return {"status": "ok", "data": {}}\n'
                '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n'
                '            if params["subAction"] == "closeIncident" and data:\n'
                "                closed.add(key)\n"
            ),
        ),
    ),
    scenarios=("behind-its-back", "correlation"),
    within=60,
)
