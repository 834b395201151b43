"""Uses a token for an hour, whatever its lifetime."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("lifetime = DEFAULT_LIFETIME if expires_in is None else float(expires_in)"),
            ("lifetime = DEFAULT_LIFETIME"),
        ),
    ),
    scenarios=("jwt-expiring",),
    caught_by=("auth.token-expiry",),
    within=20,
)
