"""Remembers a token beyond its end."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.tokens",
            ('instance.cached(("credential", name), (CREDENTIAL,),'),
            ('instance.cached(("credential", name), (),'),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.token-checked",),
    within=50,
)
