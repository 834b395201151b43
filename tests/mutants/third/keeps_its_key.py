"""Signs with the key that a connector had first."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            "            key: Any = load_pem_private_key(",
            ("            global KEYS\n            key: Any = KEYS.setdefault(client, None) or load_pem_private_key("),
        ),
        Edit(
            "third_party.calls",
            "            assertion = jwt.encode(",
            ("            KEYS[client] = key\n            assertion = jwt.encode("),
        ),
        Edit("third_party.calls", "PATIENCE = 60.0\n", ("PATIENCE = 60.0\nKEYS: dict[object, Any] = {}\n")),
    ),
    scenarios=("behind-its-back", "jwt-rotated"),
    within=60,
)
