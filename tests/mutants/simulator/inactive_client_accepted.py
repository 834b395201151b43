"""Issues tokens to inactive clients."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.registered.clients",
            ('    if client["active"] != "true":'),
            ("    if False:"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-client",),
    within=180,
)
