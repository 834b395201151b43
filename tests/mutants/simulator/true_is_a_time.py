"""Takes true for a time."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ("if isinstance(value, bool) or not"),
            ("if not"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-times",),
    within=90,
)
