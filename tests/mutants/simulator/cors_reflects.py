"""Repeats whatever headers were asked for."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.cors",
            ('return names_in(request.headers.get("Access-Control-Request-Headers", ""))[:MOST_NAMES]'),
            ('return tuple(request.headers.get("Access-Control-Request-Headers", "").split(","))'),
        ),
    ),
    scenarios=("bounded",),
    caught_by=("cors.no-reflection",),
    within=60,
)
