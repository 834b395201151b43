"""Compares client secrets without their letter case."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.registered.clients",
            ("right = same(secret or _NO_SECRET, expected or"),
            ("right = same((secret or _NO_SECRET).lower(), expected.lower() or"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-client",),
    within=90,
)
