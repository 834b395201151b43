"""Lets tokens live for ever."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.tokens",
            ("return expires is None or instance.clock.timestamp() >= expires"),
            ("return expires is None"),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.token-checked",),
    within=180,
)
