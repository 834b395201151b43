"""Counts the lifetime of a token from when it came, not from when it was asked for."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("            asked_at = self.clock()\n            answer = yield self.token_request()\n"),
            ("            answer = yield self.token_request()\n            asked_at = self.clock()\n"),
        ),
    ),
    scenarios=("jwt-slow",),
    caught_by=("auth.token-expiry",),
    within=5,
)
