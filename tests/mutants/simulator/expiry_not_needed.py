"""Takes an assertion without an expiry."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ('    if claims.get("exp") is None:\n        raise InvalidGrant("exp is missing")\n'),
            ('    if claims.get("exp") is None:\n        return now + 600\n'),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-times",),
    within=180,
)
