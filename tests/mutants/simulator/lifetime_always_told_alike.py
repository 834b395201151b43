"""Tells the same lifetime of every token."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.endpoints.server",
            ('"expires_in": tokens.seconds_left(instance, issued.access)'),
            ('"expires_in": 1799'),
        ),
    ),
    scenarios=("jwt-expiring",),
    caught_by=("auth.token-expiry",),
    within=10,
)
