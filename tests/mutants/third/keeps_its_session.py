"""Keeps one HTTP session with its cookies for all connectors."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "    tokens: dict[object, tuple[str, float]] = {}\n",
            ("    tokens: dict[object, tuple[str, float]] = {}\n    sessions: list[requests.Session] = []\n"),
        ),
        Edit(
            "third_party.client",
            '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n',
            (
                "            if session is not None and not sessions:\n"
                "                sessions.append(session)\n"
                "            session = sessions[0] if sessions else session\n"
                '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n'
            ),
        ),
    ),
    scenarios=("behind-its-back", "basic", "roles", "locked-out"),
    within=60,
)
