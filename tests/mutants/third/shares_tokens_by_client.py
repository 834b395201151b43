"""Keeps a token for each client, whoever holds the secret."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            "self._key = (owner, tuple(sorted(config.items())), tuple(sorted(secrets.items())))",
            'self._key = config.get("clientId")',
        ),
    ),
    scenarios=("behind-its-back", "jwt-separate"),
    within=60,
)
