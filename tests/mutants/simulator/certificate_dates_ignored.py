"""Takes certificates out of their dates."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.certificates",
            ('"sandtable.oauth.check_certificate_dates", True'),
            ('"sandtable.oauth.check_no_dates", False'),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-certificate",),
    within=180,
)
