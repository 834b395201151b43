"""Uses the secrets of the first connector for an address for all others."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "    tokens: dict[object, tuple[str, float]] = {}\n",
            ("    tokens: dict[object, tuple[str, float]] = {}\n    first: dict[str, Any] = {}\n"),
        ),
        Edit(
            "third_party.client",
            '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n',
            (
                '            kept = first.setdefault(request["config"].get("apiUrl", "") + str(request["config"].get("isOAuth")), request["secrets"])\n'
                '            request = {**request, "secrets": kept}\n'
                '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n'
            ),
        ),
    ),
    scenarios=("basic", "behind-its-back"),
    within=60,
)
