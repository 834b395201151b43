"""Writes a refused token to the system log."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.tokens",
            ('what="Bearer token"'),
            ('what=f"Bearer token {token}"'),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.no-secrets-in-log",),
    within=30,
)
