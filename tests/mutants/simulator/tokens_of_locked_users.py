"""Lets the token of a locked user go on."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.tokens",
            ('return instance.acting_as(by_sys_id(instance, credential["user"]))'),
            ('return instance.acting_as(instance.system().table("sys_user").get(credential["user"]))'),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.token-checked",),
    within=180,
)
