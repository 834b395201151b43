"""Compares audiences without their letter case."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ("if not accepted & set(named)"),
            ("if not {a.lower() for a in accepted} & {a.lower() for a in named}"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-audience",),
    within=90,
)
