"""Does not look at the issuer."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ('not replaced and issuer != client["client_id"]'),
            ("False"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-issuer",),
    within=180,
)
