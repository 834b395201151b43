"""Goes on with a token that was refused."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("        if 400 <= response.status < 500:"),
            ("        if False:"),
        ),
    ),
    scenarios=("jwt-revoked",),
    caught_by=("auth.token-revoked",),
    within=20,
)
