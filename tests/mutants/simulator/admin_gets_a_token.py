"""Issues tokens to administrators."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ("if is_admin(instance, user) and"),
            ("if False and"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-subject",),
    within=180,
)
