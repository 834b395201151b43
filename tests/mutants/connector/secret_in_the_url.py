"""Sends the client secret in the address of the token endpoint, too."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ('return Request("POST", self.token_url(), headers'),
            ('return Request("POST", self.token_url() + "?client_secret=" + self.client_secret, headers'),
        ),
    ),
    scenarios=("jwt",),
    caught_by=("auth.not-in-url",),
    within=20,
)
