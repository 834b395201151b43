"""Keeps one token for all connectors."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("            token = self.tokens.read(self.connector_id)"),
            ('            token = self.tokens.read("any")'),
        ),
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("self.tokens.write(self.connector_id,"),
            ('self.tokens.write("any",'),
        ),
    ),
    scenarios=("jwt-separate",),
    caught_by=("auth.separate-tokens",),
    within=20,
)
