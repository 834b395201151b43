"""Compares key IDs without their letter case."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ('row["kid"] == kid]'),
            ('row["kid"].lower() == kid.lower()]'),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-key-id",),
    within=90,
)
