"""Does not compare the client secret."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.registered.clients",
            ("    if not right:"),
            ("    if False:"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-client",),
    within=180,
)
