"""Does not look at the audience."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ("    _check_audience(instance, client, claims, endpoint)\n"),
            (""),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-audience",),
    within=180,
)
