"""Refuses a user whose address somebody has who left."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.users",
            'usable = [user for user in found if user["active"] == "true"] or found',
            "usable = found",
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.jwt-accepted",),
    within=60,
)
