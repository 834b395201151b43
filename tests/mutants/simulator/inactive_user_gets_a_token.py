"""Issues tokens to users who are locked out."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.users",
            ('    if user["locked_out"] == "true":'),
            ("    if False:"),
        ),
    ),
    scenarios=(
        "bad-assertions",
        "good-assertions",
    ),
    caught_by=(
        "instance.jwt-subject",
        "instance.token-checked",
    ),
    within=180,
)
