"""Takes the first of several users with one address."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.users",
            ("if len(usable) > 1:"),
            ("if False:"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-subject",),
    within=180,
)
