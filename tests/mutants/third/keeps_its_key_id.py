"""Sends the key ID that a connector had first."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            '{"kid": self._config["jwtKeyId"]}',
            '{"kid": KEYS.setdefault(client, self._config["jwtKeyId"])}',
        ),
        Edit("third_party.calls", "PATIENCE = 60.0\n", ("PATIENCE = 60.0\nKEYS: dict[object, Any] = {}\n")),
    ),
    scenarios=("behind-its-back", "jwt-rotated"),
    within=60,
)
