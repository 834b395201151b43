"""Answers a push that is equal to the last one without making it."""

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
                "            import json as _json\n"
                "            mark = _json.dumps(request, sort_keys=True)\n"
                '            if mark in last and request["params"]["subAction"] == "pushToService":\n'
                '                return {"status": "ok", "data": last[mark]}\n'
                '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n'
                "            last[mark] = data\n"
            ),
        ),
    ),
    scenarios=("behind-its-back",),
    within=60,
    shortest=3,
)
