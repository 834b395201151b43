"""Takes an assertion that was issued in the future."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ('"sandtable.oauth.check_issued_at", True)'),
            ('"sandtable.oauth.check_issued_atx", False)'),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-times",),
    within=90,
)
