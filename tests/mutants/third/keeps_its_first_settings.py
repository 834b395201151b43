"""Goes on with the settings that a connector had first."""

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
                '            kept = first.setdefault(str(request.get("connector_id")), (request["config"], request["secrets"]))\n'
                '            request = {**request, "config": kept[0], "secrets": kept[1]}\n'
                '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n'
            ),
        ),
    ),
    scenarios=("basic", "behind-its-back"),
    within=60,
)
