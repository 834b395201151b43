"""Does not look at the expiry."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ("    if now >= expires + skew:"),
            ("    if False:"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-times",),
    within=180,
)
