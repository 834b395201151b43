"""Repeats the password of the private key when the instance does."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.secrets",
            ("[self.password, self.client_secret, self.private_key, self.private_key_password]"),
            ("[self.password, self.client_secret, self.private_key]"),
        ),
    ),
    scenarios=("overheard",),
    caught_by=(
        "auth.no-secrets",
        "auth.not-in-log",
    ),
    within=30,
)
