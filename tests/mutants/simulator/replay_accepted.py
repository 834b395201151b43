"""Takes an assertion twice."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.grants.jwt_bearer",
            ("    if verified.jti:"),
            ("    if False:"),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.jwt-replay",),
    within=180,
)
