"""Takes the beginning of the client ID as audience."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ("    if not accepted & set(named):"),
            ("    if not any(good.startswith(each) for good in accepted for each in named):"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-audience",),
    within=180,
)
