"""Takes a secret that goes on after its end."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.registered.clients",
            ('right = same(secret or _NO_SECRET, expected or _NO_SECRET + "no secret matches this")'),
            ("right = bool(secret) and bool(expected) and secret.startswith(expected)"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-client",),
    within=90,
)
