"""Compares issuers without their letter case."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ('issuer != client["client_id"]:\n'),
            ('issuer.lower() != client["client_id"].lower():\n'),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-issuer",),
    within=90,
)
