"""Names the instance as audience instead of the client."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.assertion",
            ('"aud": self.client_id'),
            ('"aud": "https://dev00000.service-now.com"'),
        ),
    ),
    scenarios=("jwt",),
    caught_by=("auth.jwt",),
    within=20,
)
