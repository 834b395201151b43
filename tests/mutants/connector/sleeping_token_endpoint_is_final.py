"""Takes a token endpoint that answers 503 for one that refuses."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("TokenUnavailable if answer.status >= 500 or answer.status == 429 else TokenRefused"),
            ("TokenRefused"),
        ),
    ),
    scenarios=("one-fault",),
    caught_by=("faults.retryable",),
    within=120,
)
