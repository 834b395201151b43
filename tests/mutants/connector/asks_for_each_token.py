"""Asks for a token before each call."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("        value = self._stored()\n"),
            ("        value = None\n"),
        ),
    ),
    scenarios=("jwt",),
    caught_by=("auth.token-reuse",),
    within=20,
)
