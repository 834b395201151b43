"""Makes no call for ever with credentials that were refused once."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "    tokens: dict[object, tuple[str, float]] = {}\n",
            ("    tokens: dict[object, tuple[str, float]] = {}\n    refused: set[str] = set()\n"),
        ),
        Edit(
            "third_party.client",
            '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n',
            (
                '            who = str(request["secrets"])\n'
                "            if who in refused:\n"
                '                raise Failed("refused before", retry=False)\n'
                "            try:\n"
                '                data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n'
                "            except Failed as problem:\n"
                '                if "401" in str(problem) or "403" in str(problem):\n'
                "                    refused.add(who)\n"
                "                raise\n"
            ),
        ),
    ),
    scenarios=("behind-its-back", "roles", "locked-out"),
    within=60,
)
