"""Takes the lifetime of a token for milliseconds."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("else float(expires_in)"),
            ("else float(expires_in) / 1000"),
        ),
    ),
    scenarios=("jwt",),
    caught_by=("auth.token-reuse",),
    within=10,
)
