"""Tells the client why it was refused."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.endpoints.profiles",
            ('"access_denied"'),
            ('"wrong, and here is why"'),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.token-opaque",),
    within=60,
)
