"""Writes a refused token to the system log."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.tokens",
            ('line = f"Bearer token refused: {error.reason}"'),
            ('line = f"Bearer token {token} refused: {error.reason}"'),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.no-secrets-in-log",),
    within=30,
)
