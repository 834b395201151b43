"""Tries every key of the client, whatever the key ID says."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ('found = [row for row in rows if row["kid"] == kid]'),
            ("found = rows"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-key-id",),
    within=180,
)
