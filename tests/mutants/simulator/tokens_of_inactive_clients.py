"""Lets tokens of inactive clients in."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.tokens",
            ('if client is None or client["active"] != "true"'),
            ("if client is None"),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.token-checked",),
    within=60,
)
