"""Keeps the fields that it read first."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "    tokens: dict[object, tuple[str, float]] = {}\n",
            ("    tokens: dict[object, tuple[str, float]] = {}\n    kept: dict[str, Any] = {}\n"),
        ),
        Edit(
            "third_party.client",
            '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n',
            (
                '            key = str(request["params"])\n'
                '            if request["params"]["subAction"] == "getFields" and key in kept:\n'
                '                return {"status": "ok", "data": kept[key]}\n'
                '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n'
                "            kept[key] = data\n"
            ),
        ),
    ),
    scenarios=("behind-its-back", "questions"),
    within=60,
)
